"""The whole stack on one machine: what stands in for AWS there, and what keeps it up.

AWS's limits stand here as AWS documents them, and are not imported from contract/: a limit that is wrong there is to be
found out here.
"""
