"""The models of a service that is not, in every protocol: what things.c has for libpail."""
PROTOCOLS = ("rest-xml", "rest-json", "json", "query")


def member(shape, **more):
    return {"shape": shape, **more}


SHAPES = {
    "String": {"type": "string"}, "Blob": {"type": "blob"}, "Integer": {"type": "integer"}, "Long": {"type": "long"},
    "Double": {"type": "double"}, "Boolean": {"type": "boolean"}, "Timestamp": {"type": "timestamp"},
    "Strings": {"type": "list", "member": member("String")},
    "FlatStrings": {"type": "list", "member": member("String"), "flattened": True},
    "Parts": {"type": "list", "member": member("Part", locationName="Item")},
    "FlatParts": {"type": "list", "member": member("Part"), "flattened": True},
    "Map": {"type": "map", "key": member("String"), "value": member("String")},
    "FlatMap": {"type": "map", "key": member("String"), "value": member("String"), "flattened": True},
    "Numbers": {"type": "map", "key": member("String", locationName="K"), "value": member("Integer", locationName="V")},
    "Choice": {"type": "structure", "union": True, "members": {"One": member("String"), "Other": member("String")}},
    "Part": {"type": "structure", "members": {
        "Kind": member("String", locationName="x:kind", xmlAttribute=True), "Name": member("String"), "Size": member("Long"),
        "Inner": member("Part")}},
    "Thing": {"type": "structure", "members": {
        "Text": member("String"), "Blob": member("Blob"), "Small": member("Integer"), "Big": member("Long"),
        "Real": member("Double"), "Flag": member("Boolean"), "Time": member("Timestamp"), "Part": member("Part"),
        "Texts": member("Strings"), "FlatTexts": member("FlatStrings", locationName="FlatText"), "Parts": member("Parts"),
        "FlatParts": member("FlatParts", locationName="FlatPart"), "Map": member("Map"), "FlatMap": member("FlatMap"),
        "Numbers": member("Numbers"), "Choice": member("Choice"), "Lenient": member("Integer")}},
}


def model(protocol):
    return {
        "metadata": {
            "apiVersion": "2020-01-01", "endpointPrefix": "things", "protocol": protocol, "protocols": [protocol],
            "serviceFullName": "Things", "serviceId": "Things", "signatureVersion": "v4", "signingName": "things",
            "targetPrefix": "Things_1", "jsonVersion": "1.1", "xmlNamespace": "http://things/", "uid": "things"},
        "operations": {"DoThing": {
            "name": "DoThing", "http": {"method": "POST", "requestUri": "/"},
            "input": {"shape": "Thing", "locationName": "Thing", "xmlNamespace": {"uri": "http://things/"}},
            "output": {"shape": "Thing", "resultWrapper": "DoThingResult"}}},
        "shapes": SHAPES,
    }


def install(loader):
    """Makes the loader know things-PROTOCOL. Nothing is written."""
    models = {f"things-{protocol}": model(protocol) for protocol in PROTOCOLS}
    load = loader.load_service_model
    known = loader.list_available_services

    def load_service_model(service_name, type_name, api_version=None):
        if service_name in models and type_name == "service-2":
            return models[service_name]
        return load(service_name, type_name, api_version)

    loader.load_service_model = load_service_model
    loader.list_available_services = lambda type_name: known(type_name) + (list(models) if type_name == "service-2" else [])
