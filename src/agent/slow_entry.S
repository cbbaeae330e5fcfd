/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * lp_slow_entry: called from a transition stub with the registers of a call of the original.
 * Keeps them all (callers may rely on caller-saved ones, -fipa-ra); the C part uses general
 * registers only and keeps the callee-saved ones by itself.
 */
	.text
	.globl lp_slow_entry
	.hidden lp_slow_entry
	.type lp_slow_entry, @function
lp_slow_entry:
	.cfi_startproc
	/* the stub's own frame: its CFA is known here only */
	push %rbp
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset rbp, 0
	mov %rsp, %rbp
	.cfi_def_cfa_register rbp
	push %rax
	push %rcx
	push %rdx
	push %rsi
	push %rdi
	push %r8
	push %r9
	push %r10
	push %r11
	lea 16(%rbp), %rdi	/* the caller's return address: what is above the stub's */
	mov 8(%rbp), %rsi	/* the stub */
	and $-16, %rsp
	call lp_slow_ask
	cmp $1, %eax		/* below: current, equal: next, above: the slot; kept from here on */
	mov -8(%rbp), %rax
	mov -16(%rbp), %rcx
	mov -24(%rbp), %rdx
	mov -32(%rbp), %rsi
	mov -40(%rbp), %rdi
	mov -48(%rbp), %r8
	mov -56(%rbp), %r9
	mov -64(%rbp), %r10
	mov -72(%rbp), %r11
	mov %rbp, %rsp
	pop %rbp
	.cfi_def_cfa rsp, 8
	ret
	.cfi_endproc
	.size lp_slow_entry, . - lp_slow_entry

	.globl lp_slow_restorer
	.hidden lp_slow_restorer
	.type lp_slow_restorer, @function
lp_slow_restorer:
	mov $15, %rax		/* rt_sigreturn; unwinders know these very bytes */
	syscall
	.size lp_slow_restorer, . - lp_slow_restorer

	.section .note.GNU-stack, "", @progbits
