"""What a usable recording is: of a champion's voice, with the transcript of what is said in it.

`usable.prepare` is what the endpoint speaks from; `usable.examine` tells people everything that is wrong before they
upload. The modules beside it, each with one step:

| module | | imports |
|---|---|---|
| `finding` | what is wrong, in words | the standard library |
| `transcript` | the text that the network reads, and whether its pace is one of speech | the standard library |
| `kinds` | what a file is that cannot be read | the standard library |
| `sound_file` | bytes to samples | soundfile, numpy |
| `levels` | offset, channels, clipping, noise | numpy |
| `measures` | a recording in numbers | pydantic |
| `trimming` | silence | numpy |
| `usable` | all of these in order | soundfile, numpy |
"""
