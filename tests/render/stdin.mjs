// One JSON value in on standard input, one out on standard output.

export async function answer(work) {
  let text = "";
  for await (const chunk of process.stdin) text += chunk;
  process.stdout.write(JSON.stringify(await work(JSON.parse(text))));
}
