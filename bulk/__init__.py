"""Ten thousand lines: the endpoint's own text, references and engine under Ray Data, on one machine or a cluster."""
