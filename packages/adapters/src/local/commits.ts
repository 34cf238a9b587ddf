/** How often a writing thread of this process has told of a commit, to whatever file. */
export const commits = { told: 0 }
