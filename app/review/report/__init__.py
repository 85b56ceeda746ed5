"""The site report: what an audit found, as numbers, in words, on pages."""
