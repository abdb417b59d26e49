"""Choosing, downloading and watching models. Way in: `models_dialog`."""
