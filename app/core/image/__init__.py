"""A radiograph in memory, read from any format, as it is shown and as the network gets it."""
