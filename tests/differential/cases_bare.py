"""Responses for get_response, without a transport: those of the other tables that are whole, the first of each case."""
import cases_model

LEAVE = ("stream.", "request.", "retry.", "redirect.", "transport.")  # but for their errors
AGAIN = "list.whole."  # list.whole-always has the same


def is_plain(case):
    """Nothing but a response: no fault, no framing that a body in memory cannot have."""
    responses = case["responses"]
    if not responses or case["calls"] != 1 or responses[0].get("framing", "length") != "length":
        return False
    return not set(responses[0]) - {"status", "reason", "headers", "body", "framing", "content_length"}


def is_wanted(case):
    name = case["id"]
    if name.startswith("model."):
        return name.endswith(".every") and case["operation"] not in cases_model.STREAMS
    if name.startswith(AGAIN):
        return False
    if name.startswith("body."):
        return name.startswith(("body.text.", "body.fault.cut", "body.well.1025."))
    return case["responses"][0]["status"] >= 300 if name.startswith(LEAVE) else True


def bare(case):
    """The same response as an HTTP library hands it over: with the length that the peer would have said, a HEAD's without a body."""
    response = dict(case["responses"][0])
    if not any(name.lower() == "content-length" for name, _ in response["headers"]):
        length = response.get("content_length", len(response["body"]) // 2)
        response["headers"] = [*response["headers"], ["Content-Length", str(length)]]
    if case["operation"].startswith("Head"):
        response["body"] = ""
    return {**case, "id": f"bare.{case['id']}", "bare": True, "responses": [response]}


def cases(others):
    return [bare(case) for case in others if is_plain(case) and is_wanted(case)]
