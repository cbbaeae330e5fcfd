// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * xml2.c - threads that parse, ask, validate, transform and write with libxml2.
 */
#include <libxml/HTMLparser.h>
#include <libxml/c14n.h>
#include <libxml/catalog.h>
#include <libxml/debugXML.h>
#include <libxml/parser.h>
#include <libxml/pattern.h>
#include <libxml/relaxng.h>
#include <libxml/schematron.h>
#include <libxml/xmlreader.h>
#include <libxml/xmlschemas.h>
#include <libxml/xmlwriter.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>

#include "count.h"

static const char document[] =
	"<?xml version='1.0'?>\n"
	"<!DOCTYPE list [<!ENTITY e 'entity &#38;amp; text'><!ATTLIST item kind CDATA 'plain'>]>\n"
	"<list xmlns:x='urn:x'><item id='1'>one</item><item id='2' x:a='b'>two &e;</item>"
	"<!-- note --><item id='3'><![CDATA[<three>]]></item><?do it?></list>";

static const char schema[] =
	"<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'><xs:element name='list'>"
	"<xs:complexType><xs:sequence><xs:element name='n' maxOccurs='unbounded'><xs:complexType>"
	"<xs:simpleContent><xs:extension base='xs:int'><xs:attribute name='k' type='xs:string'/>"
	"</xs:extension></xs:simpleContent></xs:complexType></xs:element></xs:sequence>"
	"</xs:complexType><xs:key name='unique'><xs:selector xpath='n'/><xs:field xpath='@k'/>"
	"</xs:key><xs:keyref name='ref' refer='unique'><xs:selector xpath='n'/>"
	"<xs:field xpath='@k'/></xs:keyref></xs:element></xs:schema>";

static const char relaxng[] = "<element name='list' xmlns='http://relaxng.org/ns/structure/1.0'>"
			      "<oneOrMore><element name='n'><attribute name='k'/><text/></element>"
			      "</oneOrMore></element>";

static const char schematron[] =
	"<schema xmlns='http://purl.oclc.org/dsdl/schematron'><pattern id='p' name='p'><rule context='n'>"
	"<assert test='@k'>no k in <name path='.'/></assert>"
	"<report test='. &gt; 99'><value-of select='.'/> is too large</report></rule></pattern>"
	"</schema>";

static const char catalog[] =
	"<catalog xmlns='urn:oasis:names:tc:entity:xmlns:xml:catalog'>"
	"<public publicId='-//HOST//A' uri='file:///a.dtd'/><system systemId='urn:s' uri='file:///s'/>"
	"<rewriteSystem systemIdStartString='http://h/' rewritePrefix='file:///r/'/></catalog>";

static void quiet(void *context, const char *format, ...)
{
	(void)context;
	(void)format;
}

static void quiet_error(void *context, xmlErrorPtr error)
{
	(void)context;
	(void)error;
}

static xmlDocPtr read_text(const char *text)
{
	return xmlReadMemory(text, (int)strlen(text), "host.xml", NULL,
			     XML_PARSE_NOENT | XML_PARSE_DTDATTR | XML_PARSE_NOERROR |
				     XML_PARSE_NOWARNING);
}

static xmlDocPtr numbers(int with_keys)
{
	return read_text(with_keys ? "<list><n k='a'>1</n><n k='b'>22</n></list>" :
				     "<list><n>1</n><n>x</n></list>");
}

/* --- what is done; true: the result is right --- */

static bool asks(void)
{
	static const struct {
		const char *path;
		const char *value;
	} all[] = { { "string(/list/item[2])", "two entity & text" },
		    { "count(//item)", "3" },
		    { "sum(//@id)", "6" },
		    { "concat(name(/*), ':', //item[@kind='plain'][3])", "list:<three>" },
		    { "string(//@x:a)", "b" } };
	xmlDocPtr doc = read_text(document);
	xmlXPathContextPtr context = doc ? xmlXPathNewContext(doc) : NULL;
	bool good = context && !xmlXPathRegisterNs(context, BAD_CAST "x", BAD_CAST "urn:x");

	for (size_t i = 0; good && i < sizeof(all) / sizeof(all[0]); i++) {
		xmlXPathObjectPtr found = xmlXPathEvalExpression(BAD_CAST all[i].path, context);
		xmlChar *value = found ? xmlXPathCastToString(found) : NULL;

		good = value && !strcmp((char *)value, all[i].value);
		xmlFree(value);
		xmlXPathFreeObject(found);
	}
	xmlXPathFreeContext(context);
	xmlFreeDoc(doc);
	return good;
}

static bool pulls(void)
{
	xmlTextReaderPtr reader = xmlReaderForMemory(document, sizeof(document) - 1, NULL, NULL,
						     XML_PARSE_NOENT | XML_PARSE_DTDLOAD);
	int elements = 0, status;

	while ((status = xmlTextReaderRead(reader)) == 1) {
		elements += xmlTextReaderNodeType(reader) == XML_READER_TYPE_ELEMENT;
		if (elements == 2)
			xmlTextReaderExpand(reader);
	}
	xmlFreeTextReader(reader);
	return !status && elements == 4;
}

static bool pushes(void)
{
	xmlParserCtxtPtr context = xmlCreatePushParserCtxt(NULL, NULL, NULL, 0, "push.xml");
	bool good;

	for (size_t i = 0; i < sizeof(document) - 1; i += 7) {
		size_t left = sizeof(document) - 1 - i;

		xmlParseChunk(context, document + i, (int)(left < 7 ? left : 7), 0);
	}
	good = !xmlParseChunk(context, NULL, 0, 1) && context->wellFormed &&
	       xmlChildElementCount(xmlDocGetRootElement(context->myDoc)) == 3;
	xmlFreeDoc(context->myDoc);
	xmlFreeParserCtxt(context);
	return good;
}

static bool refuses(void)
{
	xmlDocPtr a = read_text("<a><b></a>"), b = read_text("<a x='1' x='2'/>");
	xmlDocPtr c = read_text("<a>&missing;</a");

	xmlFreeDoc(a);
	xmlFreeDoc(b);
	xmlFreeDoc(c);
	return !a && !b && !c;
}

static bool schema_checks(void)
{
	xmlSchemaParserCtxtPtr parser = xmlSchemaNewMemParserCtxt(schema, sizeof(schema) - 1);
	xmlSchemaPtr read = xmlSchemaParse(parser);
	xmlSchemaValidCtxtPtr context = xmlSchemaNewValidCtxt(read);
	xmlDocPtr right = numbers(1), wrong = numbers(0);
	bool good;

	xmlSchemaSetValidErrors(context, quiet, quiet, NULL);
	good = read && !xmlSchemaValidateDoc(context, right) &&
	       xmlSchemaValidateDoc(context, wrong) > 0;
	xmlFreeDoc(right);
	xmlFreeDoc(wrong);
	xmlSchemaFreeValidCtxt(context);
	xmlSchemaFree(read);
	xmlSchemaFreeParserCtxt(parser);
	return good;
}

static bool relaxng_checks(void)
{
	xmlRelaxNGParserCtxtPtr parser = xmlRelaxNGNewMemParserCtxt(relaxng, sizeof(relaxng) - 1);
	xmlRelaxNGPtr read = xmlRelaxNGParse(parser);
	xmlRelaxNGValidCtxtPtr context = xmlRelaxNGNewValidCtxt(read);
	xmlDocPtr right = numbers(1), wrong = numbers(0);
	bool good;

	xmlRelaxNGSetValidErrors(context, quiet, quiet, NULL);
	good = read && !xmlRelaxNGValidateDoc(context, right) &&
	       xmlRelaxNGValidateDoc(context, wrong) > 0;
	xmlFreeDoc(right);
	xmlFreeDoc(wrong);
	xmlRelaxNGFreeValidCtxt(context);
	xmlRelaxNGFree(read);
	xmlRelaxNGFreeParserCtxt(parser);
	return good;
}

static bool schematron_checks(void)
{
	xmlSchematronParserCtxtPtr parser = xmlSchematronNewMemParserCtxt(schematron,
									  sizeof(schematron) - 1);
	xmlSchematronPtr read = xmlSchematronParse(parser);
	xmlSchematronValidCtxtPtr context = xmlSchematronNewValidCtxt(read,
								      XML_SCHEMATRON_OUT_QUIET);
	xmlDocPtr right = numbers(1), wrong = numbers(0);
	bool good;

	xmlSchematronSetValidStructuredErrors(context, quiet_error, NULL);
	good = read && !xmlSchematronValidateDoc(context, right) &&
	       xmlSchematronValidateDoc(context, wrong) > 0;

	xmlFreeDoc(right);
	xmlFreeDoc(wrong);
	xmlSchematronFreeValidCtxt(context);
	xmlSchematronFree(read);
	xmlSchematronFreeParserCtxt(parser);
	return good;
}

static bool patterns(void)
{
	const xmlChar *names[] = { BAD_CAST "urn:x", BAD_CAST "x", NULL };
	xmlPatternPtr pattern = xmlPatterncompile(BAD_CAST "//item|x:other/@y", NULL, 0, names);
	xmlDocPtr doc = read_text(document);
	xmlNodePtr root = xmlDocGetRootElement(doc);
	bool good = pattern && xmlPatternMatch(pattern, xmlFirstElementChild(root)) == 1 &&
		    xmlPatternMatch(pattern, root) == 0;

	xmlFreePattern(pattern);
	xmlFreeDoc(doc);
	return good;
}

static bool writes(void)
{
	xmlDocPtr doc = read_text(document), again;
	xmlChar *canonical = NULL, *text = NULL;
	int length = 0;
	bool good = doc && xmlC14NDocDumpMemory(doc, NULL, XML_C14N_1_1, NULL, 1, &canonical) > 0;

	xmlDocDumpFormatMemory(doc, &text, &length, 1);
	again = text ? xmlReadMemory((char *)text, length, NULL, NULL, XML_PARSE_NOENT) : NULL;
	good = good && again && strstr((char *)canonical, "two entity &amp; text") &&
	       xmlChildElementCount(xmlDocGetRootElement(again)) == 3;
	xmlFree(text);
	xmlFree(canonical);
	xmlFreeDoc(again);
	xmlFreeDoc(doc);
	return good;
}

static bool builds_names(void)
{
	xmlChar space[20], *built = xmlBuildQName(BAD_CAST "local", BAD_CAST "prefix", space, 20);
	xmlChar *large = xmlBuildQName(BAD_CAST "local", BAD_CAST "a-long-prefix-with-more", space,
				       20);
	bool good = built && !strcmp((char *)built, "prefix:local") && large && large != space &&
		    !strcmp((char *)large, "a-long-prefix-with-more:local");

	xmlFree(large);
	return good;
}

static bool html(void)
{
	static const char page[] = "<p>one<p>two<br><b>three</i></b>&eacute;";
	htmlDocPtr doc = htmlReadMemory(page, sizeof(page) - 1, NULL, NULL,
					HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING);
	xmlChar *text = NULL;
	int length = 0;
	bool good;

	htmlDocDumpMemory(doc, &text, &length);
	good = doc && text && strstr((char *)text, "<b>three</b>") &&
	       strstr((char *)text, "<p>one</p>");
	xmlFree(text);
	xmlFreeDoc(doc);
	return good;
}

static bool debugs(void)
{
	xmlDocPtr doc = read_text(document);
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);
	bool good;

	xmlDebugDumpDocument(file, doc);
	fclose(file);
	good = strstr(text, "ELEMENT item") && !xmlDebugCheckDocument(stderr, doc);
	free(text);
	xmlFreeDoc(doc);
	return good;
}

/* One catalog is shared by all threads, as in a program. */
static bool catalogs(void)
{
	static const struct {
		const char *public, *system, *uri;
	} all[] = { { "-//HOST//A", NULL, "file:///a.dtd" },
		    { NULL, "urn:s", "file:///s" },
		    { NULL, "http://h/x.dtd", "file:///r/x.dtd" } };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		xmlChar *uri = xmlCatalogResolve(BAD_CAST all[i].public, BAD_CAST all[i].system);
		bool good = uri && !strcmp((char *)uri, all[i].uri);

		xmlFree(uri);
		if (!good)
			return false;
	}
	return true;
}

static void load_catalog(const char *counts)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s.catalog", counts);
	file = fopen(path, "we");
	count_require(file && fputs(catalog, file) >= 0 && !fclose(file));
	xmlInitializeCatalog();
	count_require(!xmlLoadCatalog(path));
}

static void work(int number)
{
	static const struct {
		const char *name;
		bool (*run)(void);
	} all[] = { { "xpath", asks },
		    { "reader", pulls },
		    { "push", pushes },
		    { "malformed", refuses },
		    { "schema", schema_checks },
		    { "relaxng", relaxng_checks },
		    { "schematron", schematron_checks },
		    { "pattern", patterns },
		    { "write", writes },
		    { "qname", builds_names },
		    { "html", html },
		    { "debug", debugs },
		    { "catalog", catalogs } };
	static _Thread_local unsigned round;
	unsigned i = (round++ + 4 * (unsigned)number) % (sizeof(all) / sizeof(all[0]));

	xmlSetGenericErrorFunc(NULL, quiet);
	if (all[i].run())
		count_ok();
	else
		count_error("%s is wrong", all[i].name);
}

int main(int argc, char **argv)
{
	count_require(argc == 2);
	xmlInitParser();
	load_catalog(argv[1]);
	return count_run(argv[1], 3, work);
}
