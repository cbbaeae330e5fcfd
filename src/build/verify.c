/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Changes that a running program cannot take over: its data has the values that it has, and what ran at its
 * start has run.
 */
#include <string.h>

#include "pair.h"

struct verify {
	const struct lp_pair *pair;
	const char *const *leave, *const *accept;
	const struct lp_report_to *report;
};

/* The changed constant that a section refers to, 0: none. */
static uint32_t changed_constant(const struct lp_pair *pair, uint32_t section)
{
	const struct lp_relobj *obj = &pair->new.obj;

	for (size_t i = 0; i < obj->sections[section].n_relocs; i++) {
		uint32_t to = pair->new.references.of[section][i].section;

		if (to && pair->changed[to] && !lp_section_is_code(&obj->sections[to]))
			return to;
	}
	return 0;
}

static bool is_global(const struct lp_half *half, uint32_t section)
{
	for (uint32_t i = 1; i < half->obj.n_symbols; i++)
		if (half->obj.symbols[i].section == section &&
		    half->obj.symbols[i].binding != STB_LOCAL)
			return true;
	return false;
}

/* count.0 or work.count: a static variable of a function, as GCC and clang name it. */
static bool is_static_local(const char *name)
{
	return *name != '.' && strchr(name, '.');
}

static int refuse_data(const struct verify *v, uint32_t new, const char *name)
{
	const char *reason = is_static_local(name) ? "static-local-changed" : "data-changed";
	const struct lp_pair *pair = v->pair;
	const struct lp_section *section = &pair->new.obj.sections[new];
	const struct lp_section *old = &pair->old.obj.sections[pair->new.twin[new]];
	uint32_t constant = changed_constant(pair, new);

	if (section->size != old->size)
		return lp_report_refusal(
			v->report, reason,
			"%s: %s changes its size from %llu to %llu bytes, and the running program "
			"has the old one; keep what is new in a variable of its own",
			pair->name, name, (unsigned long long)old->size,
			(unsigned long long)section->size);
	if (!pair->source_changed[new] && constant)
		return lp_report_refusal(
			v->report, reason,
			"%s: %s points to %s, which changes, and in the running program it goes on "
			"pointing to the old one; set it in a callback, or leave it out of the diff",
			pair->name, name, lp_half_name(&pair->new, constant));
	return lp_report_refusal(
		v->report, reason,
		"%s: the initial value of %s changes, and the running program has the old one; set "
		"it in a callback, leave it out of the diff, or say --accept %s to leave it as it is",
		pair->name, name, name);
}

/* It cannot be accepted either: the new code looks for them where they are not. */
static int refuse_rearranged(const struct verify *v, uint32_t new)
{
	const char *section = v->pair->new.obj.sections[new].name;

	return lp_report_refusal(
		v->report, *section == '.' ? "data-changed" : "section-array",
		"%s: section %s has other variables than before (%s), or has them at other places, and "
		"the running program has them as they were; leave new ones out of that section, and "
		"their order as it was",
		v->pair->name, section, lp_half_name(&v->pair->new, new));
}

static int verify_data(const struct verify *v, uint32_t new)
{
	const struct lp_pair *pair = v->pair;
	const struct lp_section *section = &pair->new.obj.sections[new];
	const char *name = lp_half_name(&pair->new, new);

	if (pair->ambiguous[new] && !lp_section_is_const(section))
		return lp_report_refusal(
			v->report, "static-local-changed",
			"%s: there are several static variables %s, and it is not clear which of them this "
			"one is; give the new one a name of its own",
			pair->name, name);
	if (pair->rearranged[new] && !lp_section_is_const(section))
		return refuse_rearranged(v, new);
	if (lp_name_is_listed(v->accept, name))
		return 0;
	if (*section->name != '.')
		return lp_report_refusal(
			v->report, "section-array",
			"%s: the contents of section %s change (%s); what the program has made of them at "
			"its start stays as it is",
			pair->name, section->name, name);
	if (!pair->new.twin[new] || (lp_half_is_nameless(&pair->new, new) &&
				     lp_half_is_nameless(&pair->old, pair->new.twin[new])))
		return 0;
	if (!strncmp(name, "_ZTV", strlen("_ZTV")))
		return lp_report_refusal(
			v->report, "data-changed",
			"%s: the virtual table %s changes, and the objects that exist have the old one; "
			"leave new virtual functions out of the diff, or say --accept %s if no object "
			"outlives a function",
			pair->name, name, name);
	if (!lp_section_is_const(section))
		return refuse_data(v, new, name);
	if (is_global(&pair->new, new))
		return lp_report_refusal(
			v->report, "data-changed",
			"%s: the constant %s changes, and code of other files may use the old one; say "
			"--accept %s if only code that the diff changes uses it",
			pair->name, name, name);
	return 0;
}

static int verify_section(const struct verify *v, uint32_t i)
{
	const struct lp_pair *pair = v->pair;
	const struct lp_section *section = &pair->new.obj.sections[i];

	if (!strncmp(section->name, ".suture.", strlen(".suture.")))
		return lp_report_refusal(
			v->report, "bad-patch",
			"%s: the diff brings structures of a patch that is written by hand "
			"(KLP_PATCH() and the like), which are not taken from a diff; put them into a "
			"file of their own, and --add it",
			pair->name);

	if ((section->flags & SHF_TLS) && !pair->new.twin[i])
		return lp_report_refusal(
			v->report, "new-tls",
			"%s: a new thread-local variable (%s): threads that run have no room for it; use "
			"a shadow variable",
			pair->name, lp_half_name(&pair->new, i));
	if (lp_section_is_code(section))
		return lp_half_function(&pair->new, i) || !pair->new.twin[i] ?
			       0 :
			       lp_report_refusal(
				       v->report, "asm-changed",
				       "%s: code of section %s changes that is no function of C",
				       pair->name, section->name);
	return verify_data(v, i);
}

/* --- what runs at the start and the end ------------------------------------------------------- */

static bool is_array(const struct lp_section *section)
{
	return section->type == SHT_INIT_ARRAY || section->type == SHT_FINI_ARRAY ||
	       section->type == SHT_PREINIT_ARRAY || !strncmp(section->name, ".ctors", 6) ||
	       !strncmp(section->name, ".dtors", 6);
}

static bool calls_at_start(const struct lp_half *half, uint32_t code)
{
	const struct lp_relobj *obj = &half->obj;

	for (uint32_t i = 1; i < obj->n_sections; i++)
		for (size_t k = 0; is_array(&obj->sections[i]) && k < obj->sections[i].n_relocs;
		     k++)
			if (half->references.of[i][k].section == code)
				return true;
	return false;
}

static int verify_start(const struct verify *v, uint32_t code)
{
	const struct lp_pair *pair = v->pair;
	uint32_t old = pair->new.twin[code];
	bool was = old && calls_at_start(&pair->old, old), is = calls_at_start(&pair->new, code);
	const char *name = lp_half_name(&pair->new, code);

	if (was && is && pair->changed[code] && !lp_name_is_listed(v->leave, name))
		return lp_report_refusal(
			v->report, "constructor-changed",
			"%s: %s changes, a constructor or destructor: those of the running program have "
			"run; with --leave %s it stays as it is",
			pair->name, name, name);
	if (is && !was && !lp_name_is_listed(v->leave, name))
		return lp_report_refusal(
			v->report, "constructor-changed",
			"%s: %s is a new constructor or destructor: those of the running program have "
			"run; do its work in a callback, or say --leave %s",
			pair->name, name, name);
	return 0;
}

int lp_pair_verify(const struct lp_pair *pair, const char *const *leave, const char *const *accept,
		   const struct lp_report_to *report)
{
	const struct verify v = { pair, leave, accept, report };
	int err = 0;

	for (uint32_t i = 1; i < pair->new.obj.n_sections; i++) {
		if (pair->changed[i])
			err = verify_section(&v, i) ?: err;
		if (lp_section_is_code(&pair->new.obj.sections[i]))
			err = verify_start(&v, i) ?: err;
	}
	return err;
}
