// Which dialogs are open.

class Dialogs {
  cord = $state(false)
  open = $state<string[]>([]) // all that are, by their ids, the topmost last
  create = $state<{ status: string } | undefined>()
}

export const dialogs = new Dialogs()
