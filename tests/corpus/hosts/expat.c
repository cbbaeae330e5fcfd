// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * expat.c - threads that parse documents with libexpat, in pieces of any size, with namespaces, a
 * DTD, entities, comments, CDATA and several encodings, and count what they are told.
 */
#include <expat.h>

#include "count.h"

#define DOCUMENT_MAX 65536

struct seen {
	unsigned elements, attributes, ends, text, comments, sections, instructions, declarations;
	unsigned namespaces, declared_entities;
};

struct document {
	char bytes[DOCUMENT_MAX];
	size_t length;
	struct seen expected;
};

static void XMLCALL on_start(void *user, const XML_Char *name, const XML_Char **attributes)
{
	struct seen *seen = user;

	(void)name;
	seen->elements++;
	for (; *attributes; attributes += 2)
		seen->attributes++;
}

static void XMLCALL on_end(void *user, const XML_Char *name)
{
	(void)name;
	((struct seen *)user)->ends++;
}

static void XMLCALL on_text(void *user, const XML_Char *text, int length)
{
	(void)text;
	((struct seen *)user)->text += (unsigned)length;
}

static void XMLCALL on_comment(void *user, const XML_Char *text)
{
	(void)text;
	((struct seen *)user)->comments++;
}

static void XMLCALL on_section(void *user)
{
	((struct seen *)user)->sections++;
}

static void XMLCALL on_instruction(void *user, const XML_Char *target, const XML_Char *data)
{
	(void)target;
	(void)data;
	((struct seen *)user)->instructions++;
}

static void XMLCALL on_namespace(void *user, const XML_Char *prefix, const XML_Char *uri)
{
	(void)prefix;
	(void)uri;
	((struct seen *)user)->namespaces++;
}

static void XMLCALL on_element_declaration(void *user, const XML_Char *name, XML_Content *model)
{
	(void)name;
	((struct seen *)user)->declarations++;
	free(model);
}

static void XMLCALL on_entity(void *user, const XML_Char *name, int parameter,
			      const XML_Char *value, int length, const XML_Char *base,
			      const XML_Char *system, const XML_Char *public,
			      const XML_Char *notation)
{
	(void)name;
	(void)parameter;
	(void)value;
	(void)length;
	(void)base;
	(void)system;
	(void)public;
	(void)notation;
	((struct seen *)user)->declared_entities++;
}

__attribute__((format(printf, 2, 3))) static void add(struct document *document, const char *format,
						      ...)
{
	va_list args;

	va_start(args, format);
	document->length += (size_t)vsnprintf(document->bytes + document->length,
					      DOCUMENT_MAX - document->length, format, args);
	va_end(args);
}

/* A document of so many records, and what is in it. */
static void write_document(struct document *document, unsigned records, const char *encoding)
{
	struct seen *expected = &document->expected;

	memset(document, 0, sizeof(*document));
	add(document, "<?xml version='1.0' encoding='%s'?>\n<!DOCTYPE list [\n", encoding);
	add(document, "<!ELEMENT list (record*)>\n<!ELEMENT record (#PCDATA|name|value)*>\n");
	add(document, "<!ATTLIST record kind CDATA 'plain' id ID #IMPLIED>\n");
	add(document, "<!ENTITY inner 'abc'>\n<!ENTITY outer '&inner;-&inner;'>\n]>\n");
	add(document, "<list xmlns='urn:a' xmlns:x='urn:b'>");
	for (unsigned i = 0; i < records; i++) {
		add(document, "<record id='r%u'><x:name a='1' x:b=\"two &lt;\">n&outer;</x:name>",
		    i);
		add(document, "<value xmlns:y='urn:%u'><y:v/></value>", i);
		add(document, "<!-- note %u --><![CDATA[<raw>&]]><?do it?></record>", i);
	}
	add(document, "</list>");
	expected->elements = expected->ends = 1 + 4 * records;
	expected->attributes = 4 * records; /* id, the default of kind, a, x:b */
	expected->text = (8 + 6) * records;
	expected->comments = expected->sections = expected->instructions = records;
	expected->declarations = 2;
	expected->declared_entities = 2;
	expected->namespaces = 2 + records;
}

static XML_Parser create_parser(struct seen *seen)
{
	XML_Parser parser = XML_ParserCreateNS(NULL, '|');

	XML_SetUserData(parser, seen);
	XML_SetElementHandler(parser, on_start, on_end);
	XML_SetCharacterDataHandler(parser, on_text);
	XML_SetCommentHandler(parser, on_comment);
	XML_SetStartCdataSectionHandler(parser, on_section);
	XML_SetProcessingInstructionHandler(parser, on_instruction);
	XML_SetStartNamespaceDeclHandler(parser, on_namespace);
	XML_SetElementDeclHandler(parser, on_element_declaration);
	XML_SetEntityDeclHandler(parser, on_entity);
	return parser;
}

/* One piece, by one of the two interfaces. */
static enum XML_Status feed(XML_Parser parser, const char *bytes, size_t length, bool last)
{
	void *buffer;

	if (length % 2)
		return XML_Parse(parser, bytes, (int)length, last);
	buffer = XML_GetBuffer(parser, (int)length);
	if (!buffer && length)
		return XML_STATUS_ERROR;
	if (length)
		memcpy(buffer, bytes, length);
	return XML_ParseBuffer(parser, (int)length, last);
}

static bool parse(XML_Parser parser, const struct document *document, size_t piece)
{
	for (size_t at = 0; at < document->length; at += piece) {
		size_t left = document->length - at;
		bool last = left <= piece;

		if (feed(parser, document->bytes + at, last ? left : piece, last) != XML_STATUS_OK)
			return false;
	}
	return true;
}

static bool same(const struct seen *a, const struct seen *b)
{
	return !memcmp(a, b, sizeof(*a));
}

/* Documents that are not well-formed are refused, each at its place. */
static bool refuses(void)
{
	static const char *const broken[] = { "<a><b></a>", "<a b='1' b='2'/>", "<x:a/>",
					      "<a>&none;</a>",
					      "<a xmlns:b='urn:a' xmlns:b='urn:b'/>" };

	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		XML_Parser parser = XML_ParserCreateNS(NULL, '|');
		enum XML_Status status = XML_Parse(parser, broken[i], (int)strlen(broken[i]),
						   XML_TRUE);

		XML_ParserFree(parser);
		if (status != XML_STATUS_ERROR)
			return false;
	}
	return true;
}

static void work(int number)
{
	static const char *const encodings[] = { "UTF-8", "ISO-8859-1", "US-ASCII" };
	struct document *document = malloc(sizeof(*document));
	struct seen seen;
	XML_Parser parser;

	write_document(document, 50 + 10 * (unsigned)number, encodings[number % 3]);
	parser = create_parser(&seen);
	for (size_t piece = 1; piece < 3000 && count_running(); piece = piece * 3 / 2 + 1) {
		memset(&seen, 0, sizeof(seen));
		if (!parse(parser, document, piece) || !same(&seen, &document->expected))
			count_error("pieces of %zu: %s at line %lu", piece,
				    XML_ErrorString(XML_GetErrorCode(parser)),
				    (unsigned long)XML_GetCurrentLineNumber(parser));
		else
			count_ok();
		XML_ParserReset(parser, NULL);
		XML_ParserFree(parser);
		parser = create_parser(&seen);
	}
	XML_ParserFree(parser);
	free(document);
	count_check(refuses());
}

int main(int argc, char **argv)
{
	count_require(argc == 2);
	return count_run(argv[1], 3, work);
}
