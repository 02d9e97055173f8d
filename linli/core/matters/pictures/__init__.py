"""Pictures as others may see them: the worker covers faces and plates before anybody but the handler looks."""
