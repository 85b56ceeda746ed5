"""One network trained in this process.

Built, stepped, checkpointed, its time and memory estimated.
"""
