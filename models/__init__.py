"""Recipes for the models that the project makes itself."""
