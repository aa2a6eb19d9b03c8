"""The version of all of it: what the API and its documents tell, and what lies in every packed model."""

VERSION = "0.2.0"
