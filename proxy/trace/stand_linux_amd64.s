#include "textflag.h"

// What a process executes whose program runs elsewhere: it reads two words from a
// descriptor, and ends as they say. It may lie anywhere, and has only the stack,
// where stand has put what it needs, below SP.
TEXT standing<>(SB), NOSPLIT|NOFRAME, $0-0
	MOVL	-512(SP), DI  // descriptor
	LEAQ	-504(SP), SI  // the words
	MOVL	$8, DX
	MOVL	$0, AX        // read
	SYSCALL
	MOVL	$125, DI      // nobody is left to say it
	CMPQ	AX, $8
	JNE	exit
	MOVL	-500(SP), R12 // signal
	TESTL	R12, R12
	JEQ	status
	MOVL	$2, DI        // SIG_SETMASK
	LEAQ	-496(SP), SI  // no signal
	MOVL	$0, DX
	MOVL	$8, R10
	MOVL	$14, AX       // rt_sigprocmask
	SYSCALL
	MOVL	$39, AX       // getpid
	SYSCALL
	MOVL	AX, DI
	MOVL	R12, SI
	MOVL	$62, AX       // kill
	SYSCALL
status:
	MOVL	-504(SP), DI
exit:
	MOVL	$231, AX      // exit_group
	SYSCALL
	UNDEF

TEXT stood<>(SB), NOSPLIT|NOFRAME, $0-0
	UNDEF

DATA ·standingAt(SB)/8, $standing<>(SB)
GLOBL ·standingAt(SB), NOPTR|RODATA, $8
DATA ·stoodAt(SB)/8, $stood<>(SB)
GLOBL ·stoodAt(SB), NOPTR|RODATA, $8
