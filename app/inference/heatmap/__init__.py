"""Where the evidence for a score lies: the heatmap of the reading window."""
