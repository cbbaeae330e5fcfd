// SPDX-License-Identifier: LGPL-2.1-or-later
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "../../src/agent/alloc.h"
#include "../../src/agent/patch_file.h"
#include "lpfile_builder.h"

static struct built good, broken;

static int open_bytes(const void *bytes, size_t size, const char **why)
{
	struct lp_patch_file file;
	int fd = builder_file(bytes, size);
	int ret = lp_patch_file_open(&file, fd, why);

	close(fd);
	if (!ret)
		lp_patch_file_close(&file);
	return ret;
}

/* Opens `broken` after a change, expects a refusal that contains `text`, and restores it. */
static void expect(const char *text)
{
	const char *why = NULL;
	int ret = open_bytes(broken.bytes, broken.size, &why);

	if (ret != -EBADMSG || !strstr(why, text))
		fail_msg("expected \"%s\", got %d: %s", text, ret, why ? why : "");
	memcpy(&broken, &good, offsetof(struct built, bytes) + good.size);
}

#define refuses(change, text)                                                                      \
	do {                                                                                       \
		change;                                                                            \
		expect(text);                                                                      \
	} while (0)

static int setup(void **state)
{
	(void)state;
	builder_compile(&good,
			"extern int other(int); static int zero[9];\n"
			"int f(int x) { return other(x) + zero[x]++; }\n",
			"");
	builder_describe(&good, "f");
	broken = good;
	return 0;
}

static void accepts_a_good_file(void **state)
{
	struct lp_patch_file file;
	const char *why = "";
	int fd = builder_file(good.bytes, good.size);

	(void)state;
	assert_int_equal(lp_patch_file_open(&file, fd, &why), 0);
	assert_string_equal(file.strings + file.info->name, "test-patch");
	assert_string_equal(file.strings + file.functions[0].name, "old_function");
	assert_int_equal(file.states[0].id, 7);
	/* a later change of the file is not seen */
	assert_int_equal(pwrite(fd, "XXXX", 4, 0), 4);
	assert_memory_equal(file.bytes, ELFMAG, SELFMAG);
	lp_patch_file_close(&file);
	close(fd);
}

static void refuses_what_is_no_file(void **state)
{
	struct lp_patch_file file;
	const char *why = NULL;
	int fds[2];

	(void)state;
	assert_int_equal(lp_patch_file_open(&file, -1, &why), -EBADF);
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(lp_patch_file_open(&file, fds[0], &why), -EBADMSG);
	close(fds[0]);
	close(fds[1]);
	fds[0] = builder_file("", 0);
	assert_int_equal(ftruncate(fds[0], (off_t)LP_FILE_MAX_BYTES + 1), 0);
	assert_int_equal(lp_patch_file_open(&file, fds[0], &why), -EBADMSG);
	assert_non_null(strstr(why, "too large"));
	close(fds[0]);
}

static void truncated_at_every_length(void **state)
{
	const char *why;

	(void)state;
	for (size_t size = 0; size < good.size; size++)
		assert_int_equal(open_bytes(good.bytes, size, &why), -EBADMSG);
}

static void header_fields(void **state)
{
	Elf64_Ehdr *header = builder_header(&broken);

	(void)state;
	refuses(header->e_ident[0] = 0, "not an ELF file");
	refuses(header->e_ident[EI_CLASS] = ELFCLASS32, "x86-64");
	refuses(header->e_ident[EI_DATA] = ELFDATA2MSB, "x86-64");
	refuses(header->e_machine = EM_AARCH64, "x86-64");
	refuses(header->e_ident[EI_VERSION] = 2, "version");
	refuses(header->e_version = 0, "version");
	refuses(header->e_type = ET_DYN, "not relocatable");
	refuses(header->e_ehsize = 63, "sizes");
	refuses(header->e_shentsize = 40, "sizes");
	refuses(header->e_shnum = 0, "number of sections");
	refuses(header->e_shnum = 0xff00, "number of sections");
	refuses(header->e_shnum++, "section table");
	refuses(header->e_shoff = broken.size - 8, "section table");
	refuses(header->e_shoff = UINT64_MAX - 7, "section table");
	refuses(header->e_shoff++, "section table");
	refuses(header->e_shstrndx = 0, "section names");
	refuses(header->e_shstrndx = header->e_shnum, "section names");
}

static void sections(void **state)
{
	(void)state;
	refuses(builder_section(&broken, ".text")->sh_offset = UINT64_MAX, "not inside the file");
	refuses(builder_section(&broken, ".text")->sh_size = UINT64_MAX, "not inside the file");
	refuses(builder_section(&broken, ".text")->sh_name = 1u << 30, "name of a section");
	refuses(builder_section(&broken, ".text")->sh_addralign = 3, "alignment");
	refuses(builder_section(&broken, ".text")->sh_addralign = 8192, "alignment");
	refuses(builder_section(&broken, ".text")->sh_flags |= SHF_WRITE, "writable and exec");
	refuses(builder_section(&broken, ".text")->sh_type = SHT_INIT_ARRAY, "constructors");
	refuses(builder_section(&broken, ".text")->sh_type = SHT_REL, "type");
	refuses(builder_section(&broken, ".text")->sh_type = SHT_STRTAB, "type");
	refuses(builder_section(&broken, ".text")->sh_flags |= SHF_TLS, "thread-local");
	refuses(builder_section(&broken, ".text")->sh_flags |= SHF_COMPRESSED, "compressed");
	refuses(builder_section(&broken, ".bss")->sh_size = 1ul << 40, "too large");
	refuses(builder_section(&broken, ".symtab")->sh_type = SHT_PROGBITS, "no symbol table");
	refuses(builder_section(&broken, ".symtab")->sh_entsize = 0, "symbol table");
	refuses(builder_section(&broken, ".symtab")->sh_link = 9999, "symbol names");
	refuses(builder_section(&broken, ".symtab")->sh_link = 1, "symbol names");
	refuses(builder_section(&broken, ".comment")->sh_type = SHT_SYMTAB, "more than one");
	refuses(builder_section(&broken, ".text")->sh_name =
			builder_section(&broken, ".eh_frame")->sh_name,
		"more than one .eh_frame");
	refuses(builder_section(&broken, ".bss")->sh_name =
			builder_section(&broken, ".eh_frame")->sh_name,
		".eh_frame without contents");
	refuses(builder_section(&broken, ".strtab")->sh_size--, "symbol names");
}

static void symbols(void **state)
{
	(void)state;
	refuses(builder_symbol(&broken, "f", NULL)->st_name = 1u << 30, "name of a symbol");
	refuses(builder_symbol(&broken, "f", NULL)->st_shndx = 9999, "section of a symbol");
	refuses(builder_symbol(&broken, "f", NULL)->st_shndx = SHN_ABS, "absolute");
	refuses(builder_symbol(&broken, "f", NULL)->st_shndx = SHN_COMMON, "common");
	refuses(builder_symbol(&broken, "f", NULL)->st_shndx = LP_SHN_LIVEPATCH, ".klp.sym.");
	refuses(builder_symbol(&broken, "f", NULL)->st_shndx = 0xff1f, "section of a symbol");
	refuses(builder_symbol(&broken, "f", NULL)->st_value = 1u << 20, "not inside its section");
	refuses(builder_symbol(&broken, "f", NULL)->st_size = UINT64_MAX, "not inside its");
	refuses(builder_symbol(&broken, "f", NULL)->st_info = ELF64_ST_INFO(STB_GLOBAL, STT_TLS),
		"thread-local");
	refuses(builder_symbol(&broken, "f", NULL)->st_info = ELF64_ST_INFO(STB_GLOBAL,
									    STT_GNU_IFUNC),
		"indirect");
}

static Elf64_Rela *first_rela(void)
{
	return (Elf64_Rela *)(broken.bytes + builder_section(&broken, ".rela.text")->sh_offset);
}

static void relocations(void **state)
{
	(void)state;
	refuses(builder_section(&broken, ".rela.text")->sh_entsize = 8, "relocation section");
	refuses(builder_section(&broken, ".rela.text")->sh_size--, "relocation section");
	refuses(builder_section(&broken, ".rela.text")->sh_link = 1, "no symbol table");
	refuses(builder_section(&broken, ".rela.text")->sh_link = 9999, "no symbol table");
	refuses(builder_section(&broken, ".rela.text")->sh_info = 9999, "out of range");
	refuses(builder_section(&broken, ".rela.text")->sh_info = 0, "out of range");
	refuses(first_rela()->r_offset = UINT64_MAX, "not inside its section");
	refuses(first_rela()->r_offset = builder_section(&broken, ".text")->sh_size - 3,
		"not inside its section");
	refuses(first_rela()->r_info = ELF64_R_INFO(1u << 30, R_X86_64_PC32), "symbol of a rel");
	refuses(first_rela()->r_info = ELF64_R_INFO(0, R_X86_64_PC32), "no symbol");
	refuses(first_rela()->r_info |= 0xff, "type that is not supported");
	refuses(first_rela()->r_info = ELF64_R_INFO(1, R_X86_64_TLSGD), "relocation");
}

static void description(void **state)
{
	(void)state;
	refuses(built_info(&broken)->magic++, "magic");
	refuses(built_info(&broken)->version++, "version");
	refuses(built_info(&broken)->size++, "size of the description");
	refuses(built_info(&broken)->flags = 1u << 31, "flags");
	refuses(built_info(&broken)->name = 0, "name of the patch");
	refuses(built_info(&broken)->name = 100000, "name of the patch");
	refuses(broken.bytes[broken.info + BUILT_STRINGS + 1] = '\n', "name of the patch");
	refuses(built_info(&broken)->description = 100000, "text of the description");
	refuses(built_info(&broken)->strings.count = 0, "start and end with NUL");
	refuses(built_info(&broken)->strings.count--, "start and end with NUL");
	refuses(built_info(&broken)->strings.offset += 8, "table");
	refuses(built_info(&broken)->functions.offset++, "table");
	refuses(built_info(&broken)->functions.offset = 0, "table");
	refuses(built_info(&broken)->functions.count = UINT32_MAX, "table");
	refuses(built_info(&broken)->functions.count = 0, "number of functions");
	refuses(built_info(&broken)->objects.count = 0, "number of objects");
	refuses(built_info(&broken)->states.count = UINT32_MAX, "table");
	refuses(built_info(&broken)->moved.count = UINT32_MAX, "table");
	refuses(builder_section(&broken, LP_FILE_SECTION)->sh_flags = SHF_ALLOC, "wrong kind");
	refuses(builder_section(&broken, LP_FILE_SECTION)->sh_size = 100, "too short");
	refuses(builder_section(&broken, LP_FILE_SECTION)->sh_name = 0, "no description");
}

static struct lp_file_object *object(void)
{
	return (struct lp_file_object *)(broken.bytes + broken.info + BUILT_OBJECT);
}

static struct lp_file_fixup *fixup(void)
{
	return (struct lp_file_fixup *)(broken.bytes + broken.info + BUILT_FIXUP);
}

static void objects_holds_and_states(void **state)
{
	(void)state;
	refuses(object()->build_id_size = 3, "build-id");
	refuses(object()->build_id_size = 33, "build-id");
	refuses(object()->name = 1u << 20, "name of an object");
	refuses(*(uint32_t *)(broken.bytes + broken.info + BUILT_HOLD) = 1, "held");
	refuses(*(uint64_t *)(broken.bytes + broken.info + BUILT_STATE) = 0, "state");
}

static struct lp_file_place *place(void)
{
	return (struct lp_file_place *)(broken.bytes + broken.info + BUILT_PLACE);
}

static uint32_t section_index(const char *name)
{
	return (uint32_t)(builder_section(&broken, name) - builder_sections(&broken));
}

static void places(void **state)
{
	(void)state;
	refuses(built_info(&broken)->places.count = UINT32_MAX, "table");
	refuses(place()->section = 0, "place of a section");
	refuses(place()->section = builder_header(&broken)->e_shnum, "place of a section");
	refuses(place()->section = section_index(".symtab"), "place of a section");
	refuses(place()->section = section_index(".rela.text"), "place of a section");
	refuses(place()->object = 1, "object of a place");
	refuses(place()->object = UINT32_MAX, "object of a place");
	refuses(built_info(&broken)->places.count = 2, "place of a section");
	refuses(built_info(&broken)->places.count = 2; place()[1] = place()[0], "not in order");
}

static void functions(void **state)
{
	uint32_t other = 0;

	(void)state;
	builder_check(builder_symbol(&good, "other", &other));
	refuses(built_function(&broken)->object = 1, "object of a function");
	refuses(built_function(&broken)->name = 0, "name of a function");
	refuses(built_function(&broken)->new_symbol = 0, "symbol of a function");
	refuses(built_function(&broken)->new_symbol = UINT32_MAX, "symbol of a function");
	refuses(built_function(&broken)->new_symbol = other, "not a function of this file");
	refuses(built_function(&broken)->old_size = 0, "address of a function");
	refuses(built_function(&broken)->old_addr = UINT64_MAX, "address of a function");
	refuses(built_function(&broken)->part_count = 1, "parts of a function");
	refuses(built_function(&broken)->parts = UINT32_MAX, "parts of a function");
	refuses(built_function(&broken)->moved_size = 0, "moved code");
	refuses(built_function(&broken)->moved_size = 65, "moved code");
	refuses(built_function(&broken)->moved = UINT32_MAX, "moved code");
	refuses(built_function(&broken)->fixups = UINT32_MAX, "fixups of a function");
	refuses(fixup()->offset = 7, "fixup");
	refuses(fixup()->end = 11, "fixup");
}

static void entries(void **state)
{
	(void)state;
	refuses(built_function(&broken)->entry_kind = 0, "kind of an entry");
	refuses(built_function(&broken)->entry_kind = 4, "kind of an entry");
	refuses(built_function(&broken)->jump_offset = 16, "jump of an entry");
	refuses(built_function(&broken)->old_size = 3;
		built_function(&broken)->jump_offset = 3, "jump of an entry");
	refuses(built_function(&broken)->undo = 4, "stack bytes");
	refuses(built_function(&broken)->undo = 128, "stack bytes");
	refuses(built_function(&broken)->window = 4, "window");
	refuses(built_function(&broken)->window = 16, "window");
	refuses(built_function(&broken)->boundaries = 0, "boundaries");
	refuses(built_function(&broken)->boundaries = 0x21, "boundaries");
	refuses(built_function(&broken)->boundaries = 5, "one instruction");
	refuses(built_function(&broken)->boundaries = 3;
		built_function(&broken)->entry_kind = LP_ENTRY_MULTI, "too short");
	refuses(built_function(&broken)->pad_addr = 0x1040, "does not use");
	refuses(built_function(&broken)->entry_kind = LP_ENTRY_PAD, "impossible size");
	refuses(built_function(&broken)->pad_size = 5;
		built_function(&broken)->entry_kind = LP_ENTRY_PAD;
		built_function(&broken)->pad_addr = 0x1002 + 128, "out of reach");
	refuses(built_function(&broken)->pad_size = 5;
		built_function(&broken)->entry_kind = LP_ENTRY_PAD;
		built_function(&broken)->pad_addr = 0x1010, "overlap");
}

static void every_byte_broken(void **state)
{
	static const uint8_t masks[] = { 0xff, 0x01, 0x80 };
	const char *why;

	(void)state;
	for (size_t at = 0; at < good.size; at++) {
		for (size_t i = 0; i < sizeof(masks); i++) {
			int ret;

			broken.bytes[at] ^= masks[i];
			ret = open_bytes(broken.bytes, broken.size, &why);
			assert_true(ret == 0 || ret == -EBADMSG);
			broken.bytes[at] = good.bytes[at];
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepts_a_good_file),
		cmocka_unit_test(refuses_what_is_no_file),
		cmocka_unit_test(truncated_at_every_length),
		cmocka_unit_test(header_fields),
		cmocka_unit_test(sections),
		cmocka_unit_test(symbols),
		cmocka_unit_test(relocations),
		cmocka_unit_test(description),
		cmocka_unit_test(objects_holds_and_states),
		cmocka_unit_test(places),
		cmocka_unit_test(functions),
		cmocka_unit_test(entries),
		cmocka_unit_test(every_byte_broken),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
