"""Every case, from the tables."""
import cases_body
import cases_error
import cases_list
import cases_object
import cases_request
import cases_retry
import cases_transport


def all_cases(refused):
    """`refused`: host and port that refuse connections."""
    found = [*cases_request.cases(), *cases_object.cases(), *cases_list.cases(), *cases_error.cases(),
             *cases_body.cases(), *cases_retry.cases(), *cases_transport.cases(refused)]
    names = [case["id"] for case in found]
    again = {name for name in names if names.count(name) > 1}
    if again:
        raise ValueError(f"cases of the same name: {sorted(again)}")
    return found
