"""One hook call from HTTP to HTTP: views, decision (gather, read, evaluate, render), the fast path, feedback,
explanations."""
