/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Callers that know more of a function than its interface. With -fipa-ra a function of the same source
 * may count on registers that its callee does not change. Where the caller is what was compiled, and was not
 * changed by the fix, its code is right for the new callee as well: the compiler has made the same
 * of it knowing that one. Where it is not what was compiled, nothing is known.
 */
#include <string.h>

#include "instance.h"

static bool calls(const struct lp_code *code, uint64_t lo, uint64_t hi, uint64_t callee)
{
	size_t i = lp_code_branch_index(code, callee);

	for (; i < code->n_branches && code->branches[i].target == callee; i++)
		if (code->branches[i].source >= lo && code->branches[i].source < hi)
			return true;
	return false;
}

static int check_caller(const struct lp_instance *instance, const struct lp_elf_symbol *caller,
			const struct lp_report_to *report)
{
	for (size_t i = 0; i < instance->n_replaced; i++)
		if (calls(instance->target->code, caller->addr, caller->addr + caller->size,
			  instance->replaced[i].addr))
			return lp_report_refusal(
				report, "mismatch",
				"%s: %s, which calls %s, is not what was compiled from this source: what "
				"it counts on is not known",
				instance->pair.name, caller->name, instance->replaced[i].old.name);
	return 0;
}

int lp_instance_check_callers(const struct lp_instance *instance, const struct lp_report_to *report)
{
	const struct lp_half *old = &instance->pair.old;
	const struct lp_elf *elf = instance->target->elf;
	int err = instance->n_replaced ? lp_pack_target_code(instance->target) : 0;

	for (uint32_t i = 1; i < old->obj.n_symbols && !err; i++) {
		const struct lp_symbol *symbol = &old->obj.symbols[i];
		size_t k = lp_elf_name_index(elf, symbol->name);

		if (symbol->type != STT_FUNC || symbol->section == SHN_UNDEF ||
		    symbol->section >= old->obj.n_sections ||
		    instance->binding.matched[symbol->section])
			continue;
		for (; k < elf->n_symbols && !strcmp(elf->by_name[k]->name, symbol->name) && !err;
		     k++)
			if (elf->by_name[k]->type == STT_FUNC)
				err = check_caller(instance, elf->by_name[k], report);
	}
	return err;
}
