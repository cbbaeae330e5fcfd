// SPDX-License-Identifier: LGPL-2.1-or-later
/* cmd_info.c - suture info FIX.lp */
#include <inttypes.h>
#include <stdio.h>
#include <jansson.h>

#include "build/info.h"
#include "command.h"
#include "options.h"
#include "output.h"
#include "package.h"

static void print_text(const char *label, const char *text)
{
	printf("%-12s ", label);
	lp_output_text(stdout, text);
	putchar('\n');
}

static void print_function(const struct lp_info_function *function)
{
	fputs("  ", stdout);
	lp_output_text(stdout, function->name);
	if (function->sympos)
		printf(",%" PRIu32, function->sympos);
	printf(" at 0x%" PRIx64 ", %" PRIu64 " -> %" PRIu64 " bytes (", function->old_addr,
	       function->old_size, function->new_size);
	lp_output_text(stdout, function->new_name);
	printf("), entry %s\n", lp_info_entry_word(function->entry_kind));
}

static void print_object(const struct lp_info_object *object)
{
	print_text("object", object->name ? object->name : "(program)");
	print_text("  build-id", object->build_id);
	for (size_t i = 0; i < object->n_functions; i++)
		print_function(&object->functions[i]);
	for (size_t i = 0; i < object->n_holds; i++)
		print_text("  holds", object->holds[i]);
}

static void print_flags(uint32_t flags)
{
	if (flags & LP_FILE_REPLACE)
		print_text("replaces", "every enabled patch");
	if (flags & LP_FILE_CONFLICTS_REPLACE)
		print_text("conflicts", "replaces what is in conflict");
	if (!(flags & LP_FILE_REPLACEABLE))
		print_text("replaceable", "no");
}

static void print_info(const struct lp_info *info)
{
	print_text("patch", info->name);
	if (*info->description)
		print_text("description", info->description);
	for (size_t i = 0; i < info->n_cves; i++)
		print_text("fixes", info->cves[i]);
	printf("%-12s %" PRIu64 "\n", "scope", info->provides);
	for (size_t i = 0; i < info->n_obsoletes; i++)
		printf("%-12s %" PRIu64 "\n", "obsoletes", info->obsoletes[i]);
	print_flags(info->flags);
	for (size_t i = 0; i < info->n_required; i++)
		print_text("requires", info->required[i]);
	for (size_t i = 0; i < info->n_states; i++)
		printf("%-12s %" PRIu64 ", version %" PRIu32 "\n", "state", info->states[i].id,
		       info->states[i].version);
	printf("%-12s %" PRIu64 " bytes of code, %" PRIu64 " of data\n", "size", info->code_size,
	       info->data_size);
	for (size_t i = 0; i < info->n_objects; i++)
		print_object(&info->objects[i]);
}

static json_t *function_json(const struct lp_info_function *function)
{
	return json_pack("{s:s, s:I, s:s, s:I, s:I, s:I, s:s}", "name", function->name, "sympos",
			 (json_int_t)function->sympos, "new", function->new_name, "old_addr",
			 (json_int_t)function->old_addr, "old_size", (json_int_t)function->old_size,
			 "new_size", (json_int_t)function->new_size, "entry",
			 lp_info_entry_word(function->entry_kind));
}

static json_t *object_json(const struct lp_info_object *object)
{
	json_t *functions = json_array(), *holds = json_array();

	for (size_t i = 0; i < object->n_functions; i++)
		json_array_append_new(functions, function_json(&object->functions[i]));
	for (size_t i = 0; i < object->n_holds; i++)
		json_array_append_new(holds, json_string(object->holds[i]));
	return json_pack("{s:s?, s:s, s:o, s:o}", "name", object->name, "build_id",
			 object->build_id, "functions", functions, "holds", holds);
}

static json_t *states_json(const struct lp_info *info)
{
	json_t *states = json_array();

	for (size_t i = 0; i < info->n_states; i++)
		json_array_append_new(states,
				      json_pack("{s:I, s:I}", "id", (json_int_t)info->states[i].id,
						"version", (json_int_t)info->states[i].version));
	return states;
}

static json_t *strings_json(const char *const *strings, size_t count)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(array, json_string(strings[i]));
	return array;
}

static json_t *obsoletes_json(const struct lp_info *info)
{
	json_t *array = json_array();

	for (size_t i = 0; i < info->n_obsoletes; i++)
		json_array_append_new(array, json_integer((json_int_t)info->obsoletes[i]));
	return array;
}

static void print_json(const struct lp_info *info)
{
	json_t *body, *objects = json_array();

	for (size_t i = 0; i < info->n_objects; i++)
		json_array_append_new(objects, object_json(&info->objects[i]));
	body = json_pack("{s:s, s:s, s:o, s:I, s:o, s:b, s:b, s:b, s:o, s:o, s:I, s:I, s:o}",
			 "name", info->name, "description", info->description, "cves",
			 strings_json((const char *const *)info->cves, info->n_cves), "provides",
			 (json_int_t)info->provides, "obsoletes", obsoletes_json(info), "replace",
			 !!(info->flags & LP_FILE_REPLACE), "replaceable",
			 !!(info->flags & LP_FILE_REPLACEABLE), "replaces_conflicting",
			 !!(info->flags & LP_FILE_CONFLICTS_REPLACE), "requires",
			 strings_json(info->required, info->n_required), "states",
			 states_json(info), "code_size", (json_int_t)info->code_size, "data_size",
			 (json_int_t)info->data_size, "objects", objects);
	lp_output_json(0, NULL, body);
	json_decref(body);
}

int lp_cmd_info(int argc, char **argv)
{
	static const struct lp_syntax syntax = {
		.arguments = "FIX.lp",
		.summary = "What the patch contains, for which builds, and which CVEs it names.",
		.min_arguments = 1,
		.max_arguments = 1,
	};
	struct lp_package package;
	struct lp_options options;
	int status;

	lp_options_parse(&options, &syntax, argc, argv);
	status = lp_package_open(&package, options.arguments[0], options.json);
	if (!status) {
		if (options.json)
			print_json(package.info);
		else
			print_info(package.info);
		lp_package_close(&package);
	}
	lp_options_deinit(&options);
	return status;
}
