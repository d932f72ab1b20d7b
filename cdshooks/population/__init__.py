"""Many patients at once: charts from files of a bulk export."""
