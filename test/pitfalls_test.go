package test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// pitfalls are what others fell into who held executions back or watched policy
// folders, each with the tests that show that guard does not, or the reason why
// there is none.
var pitfalls = []struct{ what, tests, untested string }{
	{what: "hook 1: a wait anywhere in guard takes the tracer's stop away", tests: "TestTheStatusOfACommandThatTheHookCollectedComesBack TestOrphansFallToGuardOrItsMonitorAndAreReaped TestManyExecutionsAtOnce"},
	{what: "hook 2: what is killed at its first instruction has to be collected, or its parent hangs", tests: "TestAKilledImageLooksKilledToItsParent TestTheLastCheckKillsWhatItDoesNotLike"},
	{what: "hook 3: an ignored SIGINT is inherited by the session", tests: "TestInterruptReachesTheCommandOnlyAndGuardReportsIt TestWhatBecomesTheCommandCatchesNoSignal"},
	{what: "hook 4: what was loaded is judged again, and has to be equal only where a person approved it", tests: "TestWhatWasJudgedIsWhatRuns TestTheWordsOfAScriptArePredictedAsTheKernelMakesThem TestWhatIsApprovedRunsOrNothing"},
	{what: "hook 5: a path that cannot be resolved is never allowed, nor is an image that cannot be read", tests: "TestATracerOutOfDescriptorsLetsNothingRun TestAProgramThatCannotBeReadIsRefused TestACallerThatCannotBeReadIsRefused"},
	{what: "hook 6: /proc/self is the caller's, and names in another mount namespace lie", tests: "TestForeignNames TestNamesBelowAFolderAndTheCallersOwn TestFactsAboutProgramsWithoutAName TestNoOtherWayLeadsToAnExecution"},
	{what: "hook 7: nothing is held while it is seized, and a held task that dies ends its question", tests: "TestAHeldCallLetsOthersPass TestAKilledCallerEndsItsQuestion"},
	{what: "hook 8: a thread that executes takes the number of its process", tests: "TestThreadsThatExecuteAtOnce", untested: "that EXITKILL ends a task whose tracer dies at that very moment is the kernel's promise"},
	{what: "hook 9: guard is closed to tracers, what becomes the command is not", tests: "TestGuardCannotBeTracedAndTheCommandCan"},
	{what: "hook 10: nine in ten calls are a search of PATH", tests: "TestNamesThatLeadNowhereAreNobodysQuestion"},
	{what: "hook 11: there are other ways into the kernel, and arguments of which it reads one half", tests: "TestThirtyTwoBitCallsAreJudged TestTheFilterOnEveryWayIntoTheKernel", untested: "32-bit ARM programs, but for the filter"},
	{what: "hook 12: reading the caller may block for ever", tests: "TestAJudgeThatForgetsToParkIsParked", untested: "no file system that never answers is mounted; a call that keeps its worker gets a successor, whatever keeps it"},
	{what: "hook 13: long words are read whole or refused", tests: "TestLongWordsAreReadWhole TestOddCallsComeToWhatTheKernelSays"},
	{what: "hook 14: before Linux 6.18 a fast answer has the call start over", tests: "TestManyExecutionsAtOnce", untested: "a call that starts over is judged twice, and is two receipts"},
	{what: "hook 15: who starts with vfork sees a child that was killed, not EPERM", tests: "TestAKilledImageLooksKilledToItsParent"},

	{what: "folders 1: errors that nobody reads, and events that were lost", tests: "TestLostEventsMakeTheFoldersBeReadAgain"},
	{what: "folders 2: watch folders and those above, and new ones before they are read", tests: "TestEveryWayAFileAppearsIsNoticed"},
	{what: "folders 3: a file that is being written is shorter than it will be", tests: "TestEveryWayAFileAppearsIsNoticed TestTheLastGoodPolicyStays TestTighteningTakesEffectAtOnceAndLooseningWaits"},
	{what: "folders 4: file systems without events", tests: "TestAChangeWithoutAnyEventIsNoticedByLooking"},
}

func TestEveryKnownPitfallHasItsTestOrAReason(t *testing.T) {
	there := testNames(t)
	for _, p := range pitfalls {
		names := strings.Fields(p.tests)
		if len(names) == 0 && p.untested == "" {
			t.Errorf("%s: no test, and no reason", p.what)
		}
		for _, name := range names {
			if !there[name] {
				t.Errorf("%s: there is no %s", p.what, name)
			}
		}
	}
}

// testNames are the names of all Go tests here.
func testNames(t *testing.T) map[string]bool {
	t.Helper()
	names, name := map[string]bool{}, regexp.MustCompile(`(?m)^func (Test\w+)\(`)
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range name.FindAllSubmatch(text, -1) {
			names[string(m[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}
