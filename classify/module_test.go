package classify

import (
	"slices"
	"testing"
)

func TestModulesThatAreProgramsAreWalkedAsThese(t *testing.T) {
	for line, want := range map[string]string{
		"python3 -m esptool --port /dev/ttyUSB0 erase_flash": "python3 -m esptool --port /dev/ttyUSB0 erase_flash; python3 esptool --port /dev/ttyUSB0 erase_flash",
		"python -m awscli s3 ls":                             "python -m awscli s3 ls; python aws s3 ls",
		"python -m pytest -q":                                "python -m pytest -q",
	} {
		if got := brief(facts(t, at("line", line))); got != want {
			t.Errorf("%s: got %s", line, got)
		}
	}
}

func TestProgramsThatChangeFilesInPlaceWriteThem(t *testing.T) {
	for _, c := range []struct{ line, path, access string }{
		{"mogrify -resize 50% a.jpg", "/home/dev/app/a.jpg", "write"},
		{"mogrify -path out -resize 50% a.jpg", "/home/dev/app/a.jpg", "read"},
		{"exiftool -all= -overwrite_original a.jpg", "/home/dev/app/a.jpg", "write"},
		{"exiftool -json a.jpg", "/home/dev/app/a.jpg", "read"},
		{"ffmpeg -y -i a.mov -c copy b.mp4", "/home/dev/app/b.mp4", "write"},
		{"ffmpeg -y -i a.mov -c copy b.mp4", "/home/dev/app/a.mov", "read"},
		{"sort a | sponge a", "/home/dev/app/a", "write"},
		{"rename 's/a/b/' x y", "/home/dev/app/y", "delete"},
		{"rename -n 's/a/b/' x y", "/home/dev/app/y", "read"},
		{"stow -t ~ pkg", "/home/dev", "write"},
	} {
		f := facts(t, at("line", c.line))
		last := f.Stages[len(f.Stages)-1]
		if !slices.ContainsFunc(last.Paths, func(p Path) bool { return p.Path == c.path && p.Access == c.access }) {
			t.Errorf("%s: no %s of %s in %+v", c.line, c.access, c.path, last.Paths)
		}
	}
}
