"""Errors, texts, files of the program itself.

What every other room may use and none of them is about.
"""
