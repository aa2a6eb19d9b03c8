"""The rules that the API and the endpoint share, each in one place.

PUT HERE: a rule that both programs must obey, or what one of them says to the other.
DO NOT PUT HERE: anything that calls AWS, loads a model or knows a door. No boto3 and no torch: pydantic and the
standard library alone, and in `recording` numpy and soundfile.

Both programs carry this package along: `api/contract` is a link that SAM follows, and `deploy.layout` copies it into
the endpoint's code.
"""
