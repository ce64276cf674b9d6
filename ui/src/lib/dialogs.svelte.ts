// Which dialogs are open.

class Dialogs {
  cord = $state(false)
  create = $state<{ status: string } | undefined>()
}

export const dialogs = new Dialogs()
