/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "script.h"

#include <string.h>

void script_write(FILE *file, const struct run *run)
{
	char text[128];
	unsigned int i;

	fprintf(file, "seed %llu\ntasks %u\n", (unsigned long long)run->config.seed, run->tasks);
	for (i = 0; i < run->n_ops; i++) {
		op_print(text, sizeof(text), &run->ops[i]);
		fprintf(file, "%s\n", text);
	}
	if (run->failed)
		fprintf(file, "# %s: %s\n", run->invariant, run->message);
}

static bool line_read(const char *line, struct run *run)
{
	unsigned long long seed;

	if (line[0] == '#' || line[0] == '\n')
		return true;
	if (sscanf(line, "seed %llu", &seed) == 1) {
		run->config.seed = seed;
		return true;
	}
	if (sscanf(line, "tasks %u", &run->config.tasks) == 1)
		return true;
	return run->n_ops < MAX_OPS && op_parse(line, &run->ops[run->n_ops]) && ++run->n_ops;
}

int script_read(FILE *file, struct run *run)
{
	char line[1024];
	int number = 0;

	run->n_ops = 0;
	while (fgets(line, sizeof(line), file)) {
		number++;
		if (!line_read(line, run))
			return number;
	}
	return 0;
}
