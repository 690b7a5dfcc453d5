package classify

// buildPrograms are the programs that build, install and interpret.
var buildPrograms = map[string]*spec{
	"make":   {short: "CfIoW", attached: "jl", ops: "-", files: "C=read f=read file=read makefile=read directory=read", long: "always-make directory= file= makefile= ignore-errors include-dir= jobs? keep-going load-average? just-print dry-run recon question silent quiet touch print-data-base old-file= what-if= version help"},
	"npm":    {subs: true, nests: "config cache run run-script pkg team access token owner profile dist-tag org", ops: "-", long: "prefix= registry= workspace= loglevel= userconfig= global save-dev save save-exact production force dry-run ignore-scripts yes tag= access= otp= omit= include="},
	"pnpm":   {subs: true, nests: "config run store", short: "CF", ops: "-"},
	"yarn":   {subs: true, nests: "config global cache workspace npm", ops: "-"},
	"npx":    {short: "pc", posix: true, ops: "-"},
	"pip":    {subs: true, nests: "config cache", short: "rcetipdb", ops: "-", files: "r=read requirement=read t=write target=write", long: "requirement= constraint= editable= target= index-url= extra-index-url= find-links= prefix= root= user upgrade force-reinstall no-deps no-index pre dry-run yes quiet verbose proxy= trusted-host= break-system-packages"},
	"cargo":  {subs: true, short: "jpZFC", ops: "-", long: "package= features= target= manifest-path= jobs= release workspace all all-features no-default-features bin= example= test= bench= profile= target-dir= color= git= branch= tag= rev= path= version= registry= index= token= allow-dirty no-verify dry-run locked offline frozen force root= quiet verbose"},
	"go":     {subs: true, single: true, nests: "mod tool work", ops: "-", long: "C= o= p= tags= ldflags= gcflags= run= bench= count= timeout= cover coverprofile= mod= modfile= race v x n a u w exec= toolexec= json short parallel= cpu= overlay= pkgdir= benchtime= cpuprofile= memprofile= fuzz= fuzztime= skip= vet= modcache cache testcache fuzzcache", files: "o=write coverprofile=write C=read"},
	"python": {short: "cmWXQ", posix: true, ops: "exec"},
	"perl":   {short: "eEI", attached: "iMmF0lCDx", posix: true, ops: "exec"},
	"ruby":   {short: "eEIrC", attached: "iFKTW0x", posix: true, ops: "exec", long: "encoding= external-encoding= internal-encoding= disable= enable= dump= backtrace-limit= version help"},
	"node":   {short: "eprCc", posix: true, ops: "exec", long: "eval= print= require= import= loader= experimental-loader= conditions= input-type= env-file= test check inspect? inspect-brk? version help"},
	"php":    {short: "crBREFStdz", posix: true, ops: "exec", long: "run= file= define= ini= version help"},
	"lua":    {short: "el", posix: true, ops: "exec"},
	"shell":  {custom: "shell", short: "oO", posix: true, ops: "exec", long: "rcfile= init-file= login norc noprofile noediting posix restricted verbose version help", files: "rcfile=exec init-file=exec"},
	"source": {posix: true, ops: "exec"},
	".":      {posix: true, ops: "exec"},
}
