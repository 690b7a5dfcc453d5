#include "textflag.h"

// See stand_linux_amd64.s.
TEXT standing<>(SB), NOSPLIT|NOFRAME, $0-0
	SUB	$512, RSP, R19
	MOVW	(R19), R0     // descriptor
	ADD	$8, R19, R1   // the words
	MOVD	$8, R2
	MOVD	$63, R8       // read
	SVC
	CMP	$8, R0
	MOVD	$125, R0      // nobody is left to say it
	BNE	exit
	MOVW	12(R19), R20  // signal
	CBZ	R20, status
	MOVD	$2, R0        // SIG_SETMASK
	ADD	$16, R19, R1  // no signal
	MOVD	$0, R2
	MOVD	$8, R3
	MOVD	$135, R8      // rt_sigprocmask
	SVC
	MOVD	$172, R8      // getpid
	SVC
	MOVD	R20, R1
	MOVD	$129, R8      // kill
	SVC
status:
	MOVW	8(R19), R0
exit:
	MOVD	$94, R8       // exit_group
	SVC
	UNDEF

TEXT stood<>(SB), NOSPLIT|NOFRAME, $0-0
	UNDEF

DATA ·standingAt(SB)/8, $standing<>(SB)
GLOBL ·standingAt(SB), NOPTR|RODATA, $8
DATA ·stoodAt(SB)/8, $stood<>(SB)
GLOBL ·stoodAt(SB), NOPTR|RODATA, $8
