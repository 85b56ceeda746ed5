"""What several rooms of the window use: theme, notices, keys, small widgets.

Nothing of one room alone.
"""
