// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * entry.c - functions whose first bytes are special. Written in assembler, so that they are what their
 * names say whatever the compiler.
 *
 *	call NAME	its value for 5
 */
#include "victim.h"

#define FUNCTION(name, text)                                                                       \
	int name(int value);                                                                       \
	__asm__(".text\n.p2align 4\n.globl " #name "\n.type " #name ", @function\n" #name          \
		":\n" text "\n.size " #name ", .-" #name "\n")

/* the loop's head is the function's second byte, where the jump would begin */
FUNCTION(loop_second, "push %rbx\n1: sub $2, %edi\njg 1b\nmov %edi, %eax\npop %rbx\nret");
/* ... its first: a pass of the loop looks like a call */
FUNCTION(loop_first, "add $2, %edi\ncmp $20, %edi\njl loop_first\nmov %edi, %eax\nret");
/* ... its third, behind an instruction that a short jump fits */
FUNCTION(loop_third, "xor %eax, %eax\n1: add %edi, %eax\ndec %edi\njnz 1b\nret");
/* ... and its sixth, behind one that the whole jump fits */
FUNCTION(loop_sixth, "mov $0, %eax\n1: add %edi, %eax\ndec %edi\njnz 1b\nret");
/* another function jumps into the first bytes */
FUNCTION(entered, "push %rbx\nmov %edi, %eax\nadd %eax, %eax\npop %rbx\nret");
FUNCTION(enters, "push %rbx\ninc %edi\njmp entered + 1");
/* three bytes, and padding */
FUNCTION(tiny, "mov %edi, %eax\nret");
/* one byte, and right behind it another function */
__asm__(".text\n.p2align 4\n.globl nothing\n.type nothing, @function\nnothing:\nret\n"
	".size nothing, .-nothing\n.globl behind\n.type behind, @function\nbehind:\n"
	"mov %edi, %eax\nret\n.size behind, .-behind\n");
int nothing(int value);
int behind(int value);
/* pushes first, as most functions do */
FUNCTION(pushes,
	 "push %rbp\npush %rbx\nmov %edi, %ebx\nlea 1(%rbx), %eax\npop %rbx\npop %rbp\nret");
/* relative to rip, and a jump that leaves: both must be moved */
FUNCTION(relative, "cmp %edi, five(%rip)\njne 1f\nmov $50, %eax\nret\n1: mov $60, %eax\nret");
__asm__(".section .rodata\nfive: .long 5\n.text\n");

static void do_call(const char *argument)
{
	static const struct {
		const char *name;
		int (*function)(int value);
	} functions[] = {
		{ "loop_second", loop_second },
		{ "loop_first", loop_first },
		{ "loop_third", loop_third },
		{ "loop_sixth", loop_sixth },
		{ "entered", entered },
		{ "enters", enters },
		{ "tiny", tiny },
		{ "behind", behind },
		{ "pushes", pushes },
		{ "relative", relative },
	};

	for (size_t i = 0; i < sizeof(functions) / sizeof(*functions); i++)
		if (!strcmp(argument, functions[i].name))
			say("%d", functions[i].function(5));
}

int main(void)
{
	static const struct victim_command commands[] = { { "call", do_call }, {} };

	nothing(0);
	return victim_run(commands);
}
