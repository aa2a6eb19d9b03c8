"""Markup: how the caller's text_type becomes runs of text and pauses. One file reads one type."""
