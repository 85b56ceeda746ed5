"""Which images there are and who is on them.

Folders scanned and watched, patients, priors, copies.
"""
