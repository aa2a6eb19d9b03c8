"""The text front end: what is written becomes what is said. It knows neither models nor HTTP.

`script` says what comes out, `sentences` where a sentence ends, `english` how one is read aloud.
"""
