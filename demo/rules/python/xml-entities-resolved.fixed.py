from lxml import etree


def parser():
    # ruleid: assistant.python.xml-entities-resolved
    etree.XMLParser(resolve_entities=False)
    # ruleid: assistant.python.xml-entities-resolved
    etree.XMLParser(no_network=True, load_dtd=False)
    # ok: assistant.python.xml-entities-resolved
    return etree.XMLParser(resolve_entities=False, no_network=True)
