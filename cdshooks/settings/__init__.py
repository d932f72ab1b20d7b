"""What a process is told at start: environment variables and the site file."""
