/** Type of the tasks in `tasks.json`, and what stands before their names: `devlatch: web`. */
export const taskType = "devlatch";
