/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "elf/regular.h"
#include "frames.h"
#include "names.h"
#include "sys.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct lp_frames {
	const struct lp_target *target;
	Dwfl *dwfl;
	const struct lp_snapshot *snapshot; /* being judged */
	/* of the walk */
	bool bad, doubt;
	bool in_libc, named; /* in a run of libc's frames; one of them had a name */
};

/* --- objects -------------------------------------------------------------------------------- */

/* The very file that is mapped, also when it is deleted or in another mount namespace. */
static int find_elf(Dwfl_Module *module, void **userdata, const char *name, Dwarf_Addr base,
		    char **file_name, Elf **elf)
{
	const struct lp_target *target = *userdata;
	const struct lp_map *map = target ? lp_maps_find(&target->maps, base) : NULL;
	char path[4200];
	int fd;

	(void)module;
	(void)name;
	(void)elf;
	if (!map)
		return -1;
	snprintf(path, sizeof(path), "/proc/%d/map_files/%lx-%lx", target->live, map->lo, map->hi);
	/* the device may look different through an overlay; the inode may not */
	fd = lp_regular_open(path, map->inode);
	if (fd < 0) {
		snprintf(path, sizeof(path), "/proc/%d/root%s", target->live, map->path);
		fd = lp_regular_open(path, map->inode);
	}
	if (fd < 0)
		return -1;
	*file_name = strdup(path);
	return fd;
}

static int find_no_debuginfo(Dwfl_Module *module, void **userdata, const char *name,
			     Dwarf_Addr base, const char *file_name, const char *link,
			     GElf_Word crc, char **found)
{
	(void)module, (void)userdata, (void)name, (void)base, (void)file_name, (void)link;
	(void)crc, (void)found;
	return -1;
}

static const Dwfl_Callbacks object_callbacks = {
	.find_elf = find_elf,
	.find_debuginfo = find_no_debuginfo,
};

static void report_object(struct lp_frames *frames, size_t first)
{
	const struct lp_maps *maps = &frames->target->maps;
	const struct lp_map *map = &maps->maps[first];
	uint64_t hi = map->hi;
	bool execute = map->execute;
	Dwfl_Module *module;
	void **userdata;

	for (size_t i = first + 1; i < maps->count; i++) {
		const struct lp_map *next = &maps->maps[i];

		if (next->inode != map->inode || next->minor != map->minor || !next->offset)
			break;
		hi = next->hi;
		execute |= next->execute;
	}
	if (!execute)
		return;
	module = dwfl_report_module(frames->dwfl, map->path, map->lo, hi);
	if (module && dwfl_module_info(module, &userdata, NULL, NULL, NULL, NULL, NULL, NULL))
		*userdata = (void *)frames->target;
}

/* --- threads -------------------------------------------------------------------------------- */

static pid_t next_thread(Dwfl *dwfl, void *frames, void **thread)
{
	(void)dwfl, (void)frames, (void)thread;
	return 0;
}

static bool get_thread(Dwfl *dwfl, pid_t tid, void *frames, void **thread)
{
	(void)dwfl, (void)tid;
	*thread = frames;
	return true;
}

static bool read_word(Dwfl *dwfl, Dwarf_Addr addr, Dwarf_Word *word, void *argument)
{
	const struct lp_frames *frames = argument;
	const struct lp_snapshot *s = frames->snapshot;

	(void)dwfl;
	if (addr < s->sp || addr - s->sp > s->size || s->size - (addr - s->sp) < 8)
		return false;
	memcpy(word, s->stack + (addr - s->sp), 8);
	return true;
}

static bool set_registers(Dwfl_Thread *thread, void *argument)
{
	const struct lp_frames *frames = argument;
	const struct user_regs_struct *r = frames->snapshot->regs;
	Dwarf_Word sp = frames->snapshot->sp;

	dwfl_thread_state_register_pc(thread, frames->snapshot->pc);
	if (!r)
		return dwfl_thread_state_registers(thread, 7, 1, &sp);
	Dwarf_Word values[17] = { r->rax, r->rdx, r->rcx, r->rbx, r->rsi, r->rdi,
				  r->rbp, r->rsp, r->r8,  r->r9,  r->r10, r->r11,
				  r->r12, r->r13, r->r14, r->r15, r->rip };
	return dwfl_thread_state_registers(thread, 0, 17, values);
}

static const Dwfl_Thread_Callbacks thread_callbacks = {
	.next_thread = next_thread,
	.get_thread = get_thread,
	.memory_read = read_word,
	.set_initial_registers = set_registers,
};

struct lp_frames *lp_frames_create(const struct lp_target *target)
{
	struct lp_frames *frames = calloc(1, sizeof(*frames));
	const struct lp_maps *maps = &target->maps;

	if (!frames)
		return NULL;
	frames->target = target;
	frames->dwfl = dwfl_begin(&object_callbacks);
	if (!frames->dwfl) {
		free(frames);
		return NULL;
	}
	dwfl_report_begin(frames->dwfl);
	for (size_t i = 0; i < maps->count; i++)
		if (!maps->maps[i].offset && maps->maps[i].inode && maps->maps[i].read)
			report_object(frames, i);
	dwfl_report_end(frames->dwfl, NULL, NULL);
	/* the machine: libdwfl takes it from the first object it can open */
	if (!dwfl_attach_state(frames->dwfl, NULL, target->pid, &thread_callbacks, frames)) {
		lp_frames_destroy(frames);
		return NULL;
	}
	return frames;
}

void lp_frames_destroy(struct lp_frames *frames)
{
	if (frames)
		dwfl_end(frames->dwfl);
	free(frames);
}

/* --- judging -------------------------------------------------------------------------------- */

/* The function that holds the address, or NULL where the file has no sized symbol for it. */
static const char *name_of(Dwfl_Module *module, uint64_t addr)
{
	GElf_Off offset;
	GElf_Sym symbol;
	const char *name = dwfl_module_addrinfo(module, addr, &offset, &symbol, NULL, NULL, NULL);

	return name && offset < symbol.st_size ? name : NULL;
}

static bool is_module(const struct lp_module *module, uint64_t addr)
{
	return module->lo && addr >= module->text_lo && addr < module->text_hi;
}

static bool is_libc(const struct lp_frames *frames, uint64_t addr)
{
	return is_module(&frames->target->libc, addr) || is_module(&frames->target->pthread, addr);
}

static bool is_forbidden(const struct lp_frames *frames, Dwfl_Module *module, uint64_t addr)
{
	const char *path = dwfl_module_info(module, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
	const char *name;

	if (is_module(&frames->target->ldso, addr) || (path && lp_name_allocator(path)))
		return true;
	name = name_of(module, addr);
	if (is_libc(frames, addr))
		return name && !lp_name_harmless(name);
	return name && lp_name_forbidden(name);
}

/* libdwfl guesses by the frame pointer where there is no CFI; that is not exact enough. */
static bool has_cfi(Dwfl_Module *module, uint64_t addr)
{
	Dwarf_Frame *frame = NULL;
	Dwarf_Addr bias;
	Dwarf_CFI *cfi = dwfl_module_eh_cfi(module, &bias);
	bool has = cfi && !dwarf_cfi_addrframe(cfi, addr - bias, &frame);

	free(frame);
	return has;
}

/*
 * libc's inner functions have no symbols; the public one they work for comes next. A run of
 * frames without any is doubtful, unless it is the last one: where threads begin.
 */
static void leave_libc(struct lp_frames *frames)
{
	if (frames->in_libc && !frames->named)
		frames->bad = true;
	frames->in_libc = frames->named = false;
}

static int judge_frame(Dwfl_Frame *state, void *argument)
{
	struct lp_frames *frames = argument;
	Dwfl_Module *module;
	Dwarf_Addr pc;
	bool exact;

	if (!dwfl_frame_pc(state, &pc, &exact))
		return DWARF_CB_ABORT;
	pc -= !exact;
	module = dwfl_addrmodule(frames->dwfl, pc);
	if (!module || !has_cfi(module, pc)) {
		frames->doubt = true;
		return DWARF_CB_ABORT;
	}
	if (is_libc(frames, pc)) {
		frames->in_libc = true;
		frames->named |= name_of(module, pc) != NULL;
	} else {
		leave_libc(frames);
	}
	frames->bad |= is_forbidden(frames, module, pc);
	return frames->bad ? DWARF_CB_ABORT : DWARF_CB_OK;
}

/* Whether the instruction before the address can be a call: e8 rel32, or ff /2. */
static bool follows_call(const struct lp_frames *frames, uint64_t addr)
{
	uint8_t before[7];

	if (lp_sys_read(frames->target->live, addr - 7, before, sizeof(before)))
		return true;
	if (before[2] == 0xe8)
		return true;
	for (int at = 0; at <= 5; at++)
		if (before[at] == 0xff && (before[at + 1] >> 3 & 7) == 2)
			return true;
	return false;
}

/* Any word that may be a return address counts, stale ones too. */
static enum lp_fit scan(const struct lp_frames *frames)
{
	const struct lp_snapshot *s = frames->snapshot;
	Dwfl_Module *module;
	uint64_t word;

	if (!s->whole)
		return LP_FIT_UNKNOWN;
	for (size_t i = 0; i + 8 <= s->size; i += 8) {
		memcpy(&word, s->stack + i, 8);
		if (word == frames->target->sigreturn)
			return LP_FIT_UNKNOWN; /* in a handler: what it interrupted is not known */
		module = dwfl_addrmodule(frames->dwfl, word);
		if (module && is_forbidden(frames, module, word - 1) && follows_call(frames, word))
			return LP_FIT_UNKNOWN;
	}
	return LP_FIT_SCANNED;
}

enum lp_fit lp_frames_judge(struct lp_frames *frames, const struct lp_snapshot *snapshot)
{
	Dwfl_Module *module;
	int result;

	frames->snapshot = snapshot;
	frames->bad = frames->doubt = frames->in_libc = frames->named = false;
	result = dwfl_getthread_frames(frames->dwfl, frames->target->pid, judge_frame, frames);
	if (frames->bad)
		return LP_FIT_BAD;
	if (!result && !frames->doubt)
		return LP_FIT_EXACT;
	module = dwfl_addrmodule(frames->dwfl, snapshot->pc);
	if (!module || is_forbidden(frames, module, snapshot->pc - 1))
		return LP_FIT_BAD;
	return scan(frames);
}
