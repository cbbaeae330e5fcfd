/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * With -fipa-ra the compiler lets callers of a function keep values in caller-saved registers that
 * the function happens not to change. A replacement must not change them either: one that does
 * gets a wrapper that saves and restores them. See docs/design/pack.md.
 */
#include <errno.h>

#include "../elf/signature.h"
#include "clobber.h"
#include "phase.h"
#include "wrapper.h"

static uint32_t result_registers(uint32_t results)
{
	return (results & LP_ELF_RESULT_RAX ? LP_REG_RAX : 0) |
	       (results & LP_ELF_RESULT_RDX ? LP_REG_RDX : 0) |
	       (results & LP_ELF_RESULT_XMM0 ? LP_XMM(0) : 0) |
	       (results & LP_ELF_RESULT_XMM1 ? LP_XMM(1) : 0);
}

static int find_signature(struct lp_pack_job *job, const struct lp_pack_function *function,
			  struct lp_elf_signature *signature)
{
	const char *name = job->obj.symbols[function->new_symbol].name;
	int err = lp_elf_signature(function->described->object_path, name, signature);

	if (!err && signature->variadic)
		return lp_pack_refuse(job, "bad-patch",
				      "%s changes registers that callers of %s may rely on "
				      "(-fipa-ra), and no wrapper can be made, since it takes a "
				      "variable number of arguments",
				      name, function->old->name);
	if (!err && signature->stack_bytes > LP_WRAPPER_STACK_MAX)
		return lp_pack_refuse(job, "bad-patch",
				      "%s changes registers that callers of %s may rely on "
				      "(-fipa-ra), and has too many arguments on the stack for a "
				      "wrapper",
				      name, function->old->name);
	if (!err || err == -ENOMEM)
		return err;
	return lp_pack_refuse(job, "bad-patch",
			      "%s changes registers that callers of %s may rely on (-fipa-ra), and "
			      "its debug information does not tell how it is called: compile it "
			      "with -g",
			      name, function->old->name);
}

static int wrap(struct lp_pack_job *job, struct lp_pack_function *function, uint32_t registers)
{
	struct lp_elf_signature signature;
	int err = find_signature(job, function, &signature);

	if (err)
		return err;
	registers &= ~result_registers(signature.results);
	if (!registers)
		return 0;
	lp_pack_say(job, LP_NOTE,
		    "%s gets a wrapper that keeps %d registers its callers may rely on",
		    function->old->name, __builtin_popcount(registers));
	return lp_wrapper_add(&job->obj, function->new_symbol, registers, signature.stack_bytes,
			      &function->new_symbol);
}

/* Code of the patch may be a caller as those in the target are, if it is of the same sources. */
static bool callers_wide(const struct lp_pack_job *job, const struct lp_pack_function *function)
{
	for (uint32_t i = 1; i < job->n_built; i++) {
		const struct lp_section *section = &job->obj.sections[i];

		if ((section->flags & SHF_EXECINSTR) &&
		    lp_clobber_is_wide(section->bytes, section->size, 0))
			return true;
	}
	return lp_clobber_callers_wide(function->target->code, function->old->addr);
}

static int preserve(struct lp_pack_job *job, struct lp_pack_function *function)
{
	const struct lp_code *code = function->target->code;
	struct lp_clobber old, new;
	int err;

	/* what was compiled with its callers is right for them */
	if (!function->described->object_path ||
	    (!job->n_built && !lp_clobber_has_callers(code, function->old->addr)))
		return 0;
	err = lp_clobber_original(&old, code, function->old->addr);
	err = err ? err : lp_clobber_replacement(&new, &job->obj, function->new_symbol);
	if (err || old.all)
		return err;
	if (new.wide && !old.wide && callers_wide(job, function))
		return lp_pack_refuse(job, "bad-patch",
				      "%s may change ymm, zmm or mask registers, which callers of "
				      "%s use and may rely on (-fipa-ra)",
				      job->obj.symbols[function->new_symbol].name,
				      function->old->name);
	if (!(new.written & ~old.written))
		return 0;
	return wrap(job, function, new.written & ~old.written);
}

int lp_pack_preserve(struct lp_pack_job *job)
{
	int err = 0;

	for (size_t i = 0; i < job->n_functions; i++)
		err = preserve(job, &job->functions[i]) ?: err;
	return err;
}
