"""Item models: adapters from core objects to Qt's tables."""
