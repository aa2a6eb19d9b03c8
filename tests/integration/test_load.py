"""The whole stack after callers who did not wait."""

import json
import socket
import time

from tests.integration.local_stack import LocalStack

CALLERS = 100
LINE = json.dumps({"champion_id": "yasuo", "text": "Nobody hears this.", "quality": "fast"}).encode()
REQUEST = b"POST /voice HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"


def test_after_a_hundred_callers_who_hang_up_ordinary_lines_are_spoken(stack: LocalStack) -> None:
    before = stack.invocations()
    callers = [socket.create_connection(("127.0.0.1", stack.ports.gateway)) for _ in range(CALLERS)]
    for caller in callers:
        caller.sendall(REQUEST % (len(LINE), LINE))
    time.sleep(0.05)  # what they do, not what is waited for
    for caller in callers:
        caller.close()

    answers = [stack.speak(champion_id="ahri", text=f"Ordinary line {number}.", quality="fast") for number in range(5)]

    assert [answer.status_code for answer in answers] == [200] * 5
    assert stack.invocations() - before < 2 * 5 + CALLERS, "those who hung up reached the endpoint"
