// A JupyterLab 4 extension written by hand, without a build: what webpack's module federation
// expects of a container is an object with `init` and `get`
// (https://webpack.js.org/concepts/module-federation/), which JupyterLab looks up in `_JUPYTERLAB`
// (https://jupyterlab.readthedocs.io/en/stable/extension/extension_dev.html).
//
// It colours the cells that begin with %%terminal as shell. JupyterLab colours every cell in the
// kernel's language, and knows nothing of cell magics.

(() => {
  const SHELL = "text/x-sh";
  let shared = {};

  // A library that JupyterLab shares: the one it uses itself, or its tokens would not be ours.
  const load = async (name) => (await Object.values(shared[name])[0].get())();

  const follow = (model) => {
    if (model.type !== "code") return;
    let python = model.mimeType;
    const colour = () => {
      if (model.mimeType !== SHELL) python = model.mimeType;
      const wanted = /^\s*%%terminal\b/.test(model.sharedModel.getSource()) ? SHELL : python;
      if (model.mimeType !== wanted) model.mimeType = wanted;
    };
    model.contentChanged.connect(colour);
    model.mimeTypeChanged.connect(colour); // the kernel has said its language, again
    colour();
  };

  const activate = (app, tracker) => {
    const seen = new WeakSet();
    const look = (cells) => {
      for (const model of cells) {
        if (!seen.has(model)) {
          seen.add(model);
          follow(model);
        }
      }
    };
    const watch = (panel) => {
      const { cells } = panel.context.model;
      cells.changed.connect(() => look(cells));
      void panel.context.ready.then(() => look(cells));
    };
    tracker.forEach(watch);
    tracker.widgetAdded.connect((_, panel) => watch(panel));
  };

  const extension = async () => {
    const { INotebookTracker } = await load("@jupyterlab/notebook");
    const plugin = {
      id: "terminal-en-shell:plugin",
      autoStart: true,
      requires: [INotebookTracker],
      activate,
    };
    return () => ({ __esModule: true, default: plugin });
  };

  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB["terminal-en-shell"] = {
    init: (scope) => {
      shared = scope;
    },
    get: (module) =>
      module === "./extension"
        ? extension()
        : Promise.reject(new Error(`terminal-en-shell: ${module}?`)),
  };
})();
