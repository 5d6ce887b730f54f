"""From graph to text: what gets a line and a name, and how a target writes it."""
