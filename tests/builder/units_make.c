// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * units_make.c - lp_units_make() for build_systems.bats.
 *
 *	units-make RECORDER SOURCE PATCH WORK [MAKE]
 *
 * Prints a line for each unit, its fields parted by tabs ("-": none): source, output, original,
 * patched. What is reported goes to standard error.
 */
#include <stdio.h>
#include <string.h>

#include "units/units.h"

static void report(void *context, enum lp_severity severity, const char *reason, const char *text)
{
	(void)context;
	(void)severity;
	fprintf(stderr, "%s: %s\n", reason ? reason : "-", text);
}

int main(int count, char **arguments)
{
	struct lp_units_options options = { .report = report };
	struct lp_units units;
	int err;

	if (count < 5) {
		fprintf(stderr, "usage: %s RECORDER SOURCE PATCH WORK [MAKE]\n", arguments[0]);
		return 2;
	}
	options.recorder = arguments[1];
	options.source = arguments[2];
	options.patch = arguments[3];
	options.work = arguments[4];
	options.make = arguments[5];
	err = lp_units_make(&units, &options);
	if (err) {
		fprintf(stderr, "%s\n", strerror(-err));
		return 1;
	}
	for (size_t i = 0; i < units.count; i++) {
		const struct lp_unit *unit = &units.list[i];

		printf("%s\t%s\t%s\t%s\n", unit->source, unit->output,
		       unit->original ? unit->original : "-", unit->patched ? unit->patched : "-");
	}
	lp_units_free(&units);
	return 0;
}
