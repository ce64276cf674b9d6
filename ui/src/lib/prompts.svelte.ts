// A question with a line of text as its answer, or only yes, asked by whoever needs
// one.

export interface Prompt {
  title: string
  text: string
  label?: string // of the answer; none: yes is one
  button: string
  then: (answer: string) => void
}

class Prompts {
  open = $state.raw<Prompt | undefined>()

  ask(p: Prompt) {
    this.open = p
  }
}

export const prompts = new Prompts()
