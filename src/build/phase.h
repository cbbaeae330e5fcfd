/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * phase.h - the phases of making a .lp, in the order they run, and what they hand on. Inside
 * src/build only.
 *
 * Each phase returns 0, -ECANCELED (refused; every reason was reported) or a negative errno.
 */
#ifndef LP_BUILD_PHASE_H
#define LP_BUILD_PHASE_H

#include "code.h"
#include "describe.h"
#include "entry.h"
#include "origin.h"
#include "pack.h"
#include "relobj.h"

/* One --target. */
struct lp_target {
	struct lp_elf *elf;
	struct lp_code *code; /* made when first needed */
	struct lp_claims claims;
	struct lp_origins origins; /* of a target of `suture build` */
	const char *name; /* as the .lp names it; NULL: the program; NULL too while unused */
	uint32_t object; /* index in the .lp, LP_SYMBOL_NO_OBJECT: not in it */
};

/* One function that is replaced. */
struct lp_pack_function {
	const struct lp_described_function *described;
	struct lp_target *target;
	const struct lp_elf_symbol *old;
	uint32_t new_symbol; /* of the replacement, or of its wrapper */
	struct lp_file_part *parts;
	size_t n_parts;
	struct lp_entry entry;
};

struct lp_pack_hold {
	const char *name;
	struct lp_target *target;
	uint64_t addr;
	uint64_t size;
};

struct lp_pack_job {
	const struct lp_pack_options *options;
	struct lp_build_refusal refusal; /* the one being made */
	char *directory; /* for intermediate files; NULL: none yet */
	char *object_path; /* the compiled patch */
	struct lp_relobj obj;
	struct lp_description description;
	char *name; /* of the patch */
	struct lp_target *targets;
	size_t n_targets;
	struct lp_target **objects; /* by index in the .lp */
	uint32_t n_objects;
	struct lp_pack_function *functions; /* grouped by object */
	size_t n_functions;
	struct lp_pack_hold *holds;
	size_t n_holds;
	bool address_taken;
	/*
	 * Sections of obj below this one were compiled from the target's own sources: what they
	 * call may be known to them by more than its interface. 0: none.
	 */
	uint32_t n_built;
};

/* Reports job->refusal; always -ECANCELED. */
int lp_pack_report_refusal(struct lp_pack_job *job);
/* Reports a refusal; always -ECANCELED. */
__attribute__((format(printf, 3, 4))) int
lp_pack_refuse(struct lp_pack_job *job, const char *reason, const char *format, ...);
__attribute__((format(printf, 3, 4))) void
lp_pack_say(struct lp_pack_job *job, enum lp_severity severity, const char *format, ...);

/* pack.c: from the object and its description to the file. */
int lp_pack_finish(struct lp_pack_job *job);
void lp_pack_close(struct lp_pack_job *job);

/* compile.c: a source -> an object file, with debug information in it */
int lp_pack_compile(struct lp_pack_job *job, const char *source, const char *object_path);
/* Whether it is one already, by its name. */
bool lp_pack_is_object(const char *path);
/* Runs a program; *output gets what it wrote to stdout and stderr (malloc'ed, NUL-terminated).
 * Its exit status, or a negative errno. */
int lp_pack_run(const char *const *arguments, char **output);
/* A path in the job's own directory (malloc'ed), which is made if need be. 0 or -errno. */
int lp_pack_path(struct lp_pack_job *job, const char *name, char **path);

/* target.c: opens the targets */
int lp_pack_open_targets(struct lp_pack_job *job);
/* The target of that name (NULL: the program), entered among the objects of the .lp. */
int lp_pack_find_target(struct lp_pack_job *job, const char *name, struct lp_target **target);
int lp_pack_use_target(struct lp_pack_job *job, struct lp_target *target);
int lp_pack_target_code(struct lp_target *target);

/* function.c: finds the originals, their parts, the held functions */
int lp_pack_find_functions(struct lp_pack_job *job);
/* part.c: *parts is malloc'ed */
int lp_pack_find_parts(const struct lp_elf *elf, const struct lp_code *code,
		       const struct lp_elf_symbol *symbol, struct lp_file_part **parts,
		       size_t *count, bool *clones);
/* function.c: plans the entries */
int lp_pack_plan_entries(struct lp_pack_job *job);

/* preserve.c: replacements by hand that must keep registers their originals keep get a wrapper */
int lp_pack_preserve(struct lp_pack_job *job);

/* select.c: marks the sections that go into the .lp */
int lp_pack_select(struct lp_pack_job *job);

/* resolve.c: symbols that the patch does not define */
int lp_pack_resolve(struct lp_pack_job *job);

/* check.c: refuses what the agent cannot load; marks the symbols that go into the .lp */
int lp_pack_check(struct lp_pack_job *job);

/* table.c: appends the section that describes the patch */
int lp_pack_describe(struct lp_pack_job *job);

#endif
