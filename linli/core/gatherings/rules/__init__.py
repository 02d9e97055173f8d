"""Pure arithmetic of gatherings: what a kind says, when a series comes back, the host's rotating code."""
