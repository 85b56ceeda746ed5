"""Sweeps: many settings of one network tried on the same images, on one machine or several.

``space`` says which settings there are, ``claims`` who tries which, ``study`` opens the database
they share, ``trial`` trains one, ``ledger`` reads what has come of them. ``worker`` is the process
that tries one after the other, ``coordinator`` the one that reads the images once, starts the
workers and tells the person.
"""
