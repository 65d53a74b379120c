"""Every case, from the tables."""
import cases_bare
import cases_body
import cases_error
import cases_list
import cases_model
import cases_object
import cases_request
import cases_retry
import cases_stream
import cases_things
import cases_transport


def all_cases(places):
    """`places`: hosts and ports that are "refused", whose queue of connections is "full", whose certificate is "untrusted"."""
    found = [*cases_request.cases(), *cases_object.cases(), *cases_list.cases(), *cases_error.cases(),
             *cases_body.cases(), *cases_retry.cases(), *cases_transport.cases(places), *cases_things.cases(),
             *cases_model.cases(), *cases_stream.cases()]
    found += cases_bare.cases(found)
    names = [case["id"] for case in found]
    again = {name for name in names if names.count(name) > 1}
    if again:
        raise ValueError(f"cases of the same name: {sorted(again)}")
    return found
